"""What a model knows inside: probes, a sparse autoencoder, steering. Features in, arrays out."""
