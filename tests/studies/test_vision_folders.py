"""A folder of images: what is read, in which order, and the errors where it cannot be.

On tiny random models: no weights, no network.
"""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import (
    AutoImageProcessor,
    ResNetConfig,
    ResNetModel,
    ViTConfig,
    ViTForImageClassification,
    ViTModel,
)

from w2s_kit.studies.vision import (
    features,
    image_models,
    load_digits,
    predictions,
    read_folder,
    three_stages,
)
from w2s_kit.training.device import Device

SPLIT = load_digits(0)
LABELS = ["tench, Tinca tinca", "great white shark", "hen"]
CLASSES = ["great_white_shark", "hen", "tench"]  # as the folders are called
TINY = dict(
    image_size=32,
    patch_size=8,
    hidden_size=16,
    num_hidden_layers=1,
    num_attention_heads=2,
    intermediate_size=32,
    initializer_range=0.5,
    id2label=dict(enumerate(LABELS)),
    label2id={label: i for i, label in enumerate(LABELS)},
)
PROCESSOR = {
    "image_processor_type": "ViTImageProcessor",
    "size": {"height": 32, "width": 32},
    "image_mean": [0.5] * 3,
    "image_std": [0.5] * 3,
    "do_resize": True,
    "do_rescale": True,
    "do_normalize": True,
}


def save_model(model, folder):
    model.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(PROCESSOR))
    return folder


def save_image(image, file):
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray((255 * image).astype(np.uint8)).save(file)


@pytest.fixture
def root(tmp_path):
    """Seven images a class for training and four for the test: digits, grey, of several formats."""
    for part, name, n in (("student", "train", 7), ("test", "val", 4)):
        for digit, folder in enumerate(CLASSES):
            for i, image in enumerate(SPLIT.images[part][SPLIT.truth[part] == digit][:n]):
                save_image(
                    image, tmp_path / "images" / name / folder / f"{i}.{('png', 'JPEG', 'bmp')[i % 3]}"
                )
    return tmp_path / "images"


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """As DINO's on the hub, the model without a head has no pooler, either."""
    torch.manual_seed(0)
    place = tmp_path_factory.mktemp("models")
    save_model(ViTModel(ViTConfig(**TINY), add_pooling_layer=False), place / "dino")
    save_model(ViTForImageClassification(ViTConfig(**TINY)), place / "classifier")
    save_model(
        ResNetModel(ResNetConfig(embedding_size=8, hidden_sizes=[8, 12], depths=[1, 1])), place / "resnet"
    )
    return place


def test_a_folder_is_read_in_order(root):
    (root / "train" / "hen" / "notes.txt").write_text("no image")
    (root / "train" / ".cache").mkdir()
    folder = read_folder(root)
    assert folder.classes == tuple(CLASSES)
    assert {part: len(files) for part, files in folder.files.items()} == {"student": 21, "test": 12}
    for part, files in folder.files.items():
        assert [file.parent.name for file in files] == [CLASSES[i] for i in folder.truth[part]]
    few = read_folder(root, per_class=2, seed=1)
    assert [len(few.files[part]) for part in ("student", "test")] == [6, 6] and set(
        few.files["student"]
    ) < set(folder.files["student"])
    assert few.files == read_folder(root, per_class=2, seed=1).files
    assert read_folder(root, per_class=99).files == folder.files


def test_what_a_folder_lacks_is_named(root):
    with pytest.raises(
        ValueError,
        match="elsewhere.train: there is no such folder; images belong into train/CLASS/ and val/CLASS/",
    ):
        read_folder(root.parent / "elsewhere")
    with pytest.raises(ValueError, match="per_class is 0"):
        read_folder(root, per_class=0)
    (root / "val" / "ibex").mkdir()
    with pytest.raises(ValueError, match="val.ibex: no images .*; add some, or remove this class"):
        read_folder(root)
    save_image(np.zeros((8, 8)), root / "val" / "ibex" / "1.png")
    with pytest.raises(ValueError, match="train.ibex: this class is missing here, but stands in .*val"):
        read_folder(root)
    for file in (root / "val" / "ibex").iterdir():
        file.unlink()
    (root / "val" / "ibex").rename(root / "train" / "ibex")
    save_image(np.zeros((8, 8)), root / "train" / "ibex" / "1.png")
    with pytest.raises(ValueError, match="val.ibex: this class is missing here, but stands in .*train"):
        read_folder(root)
    (root / "empty" / "train").mkdir(parents=True)
    with pytest.raises(ValueError, match="has 0 folders; it should have one for each class"):
        read_folder(root / "empty")


def test_features_are_the_class_token_in_the_order_of_the_files(root, models):
    files = read_folder(root).files["student"]
    found = features(str(models / "dino"), files)
    assert found.shape == (21, 16) and found.dtype == np.float32
    np.testing.assert_allclose(
        features(str(models / "dino"), files[::-1], batch_size=4)[::-1], found, atol=1e-5
    )
    model, processor = (
        ViTModel.from_pretrained(models / "dino", add_pooling_layer=False).eval(),
        AutoImageProcessor.from_pretrained(models / "dino"),
    )
    with torch.no_grad():
        for i in (0, 8, 20):
            token = model(
                **processor(Image.open(files[i]).convert("RGB"), return_tensors="pt")
            ).last_hidden_state[0, 0]
            np.testing.assert_allclose(found[i], token, atol=1e-5)


def test_features_of_a_convolutional_network_are_means_over_places(root, models):
    files = read_folder(root).files["test"]
    found = features(str(models / "resnet"), files)
    model, processor = (
        ResNetModel.from_pretrained(models / "resnet").eval(),
        AutoImageProcessor.from_pretrained(models / "resnet"),
    )
    with torch.no_grad():
        pooled = model(
            processor(Image.open(files[5]).convert("RGB"), return_tensors="pt")["pixel_values"]
        ).pooler_output[0, :, 0, 0]
    assert found.shape == (12, 12)
    np.testing.assert_allclose(found[5], pooled, atol=1e-5)


def test_a_device_of_lower_precision_gives_float32(root, models):
    files = read_folder(root).files["test"]
    found = features(
        str(models / "dino"), files, device=Device(torch.device("cpu"), torch.bfloat16, "as a GPU would")
    )
    assert found.dtype == np.float32 and np.abs(found - features(str(models / "dino"), files)).max() < 0.2


def test_classes_are_found_by_name(root, models):
    folder = read_folder(root)
    said = predictions(str(models / "classifier"), folder.files["test"], folder.classes)
    model, processor = (
        ViTForImageClassification.from_pretrained(models / "classifier").eval(),
        AutoImageProcessor.from_pretrained(models / "classifier"),
    )
    with torch.no_grad():
        logits = torch.stack(
            [
                model(**processor(Image.open(file).convert("RGB"), return_tensors="pt")).logits[0]
                for file in folder.files["test"]
            ]
        )
    np.testing.assert_array_equal(said, logits[:, [1, 2, 0]].argmax(dim=1))  # great white shark, hen, tench
    two = predictions(str(models / "classifier"), folder.files["test"], ["hen", "Tinca tinca"])
    # what else it might have said does not count
    np.testing.assert_array_equal(two, logits[:, [2, 0]].argmax(dim=1))


@pytest.mark.parametrize(
    "classes, labels, columns",
    [
        (["n01440764", "n01443537"], ["tench", "goldfish"], [0, 1]),  # as many: in the same order
        (["n01440764", "n01443537"], ["background", "tench", "goldfish"], [1, 2]),
        (["goldfish", "tench"], ["background", "tench, Tinca tinca", "goldfish"], [2, 1]),
        # a whole label goes before a part of one
        (["maillot", "maillot,_tank_suit"], ["maillot", "maillot, tank suit"], [0, 1]),
    ],
)
def test_a_class_finds_its_label(classes, labels, columns):
    assert image_models.output_columns(classes, dict(enumerate(labels)), "it") == columns


@pytest.mark.parametrize(
    "classes, labels, message",
    [
        (
            ["tench", "unicorn"],
            ["tench", "hen"],
            r"it: class 'unicorn' \(1 of 2 are like it\) is no label .* 2 labels are 'tench', 'hen'",
        ),
        (
            ["crane", "hen"],
            ["crane", "crane", "hen"],
            "class 'crane' .* or of two",
        ),  # the bird and the machine
        (["n01440764", "n01443537"], ["a", "b", "c"], r"\(2 of 2 are like it\).* Name the folders so"),
        (["tench", "tinca tinca"], ["tench, Tinca tinca", "hen"], "'tench' and 'tinca tinca' are one label"),
    ],
)
def test_a_class_without_a_label_is_named(classes, labels, message):
    with pytest.raises(ValueError, match=message):
        image_models.output_columns(classes, dict(enumerate(labels)), "it")


def test_images_that_cannot_be_read_are_named(root, models):
    broken = root / "val" / "hen" / "1.JPEG"
    whole = broken.read_bytes()
    for content in (b"", b"not an image", whole[: len(whole) // 2]):
        broken.write_bytes(content)
        with pytest.raises(
            OSError, match="hen.1.JPEG: cannot be read as an image .*; fetch it again, or remove it"
        ):
            features(str(models / "dino"), read_folder(root).files["test"])


def test_models_that_cannot_be_loaded_are_named(tmp_path, models, root):
    files = read_folder(root).files["test"]
    with pytest.raises(
        OSError,
        match=r"dino: this model cannot be loaded \(tensors are missing: classifier.bias, "
        r"classifier.weight; this is no trained",
    ):
        predictions(str(models / "dino"), files, CLASSES)
    with pytest.raises(OSError, match="nowhere: this model cannot be loaded"):
        features(str(tmp_path / "nowhere"), files)
    pickled = save_model(ViTModel(ViTConfig(**TINY)), tmp_path / "pickled")
    torch.save({}, pickled / "pytorch_model.bin")
    (pickled / "model.safetensors").unlink()
    with pytest.raises(OSError, match="pickled: this model cannot be loaded .*safetensors"):
        features(str(pickled), files)


def test_three_stages_on_a_folder(root, models):
    stages = three_stages(
        str(models / "dino"), supervisor=str(models / "classifier"), images=root, batch_size=5
    )
    folder = read_folder(root)
    np.testing.assert_array_equal(stages.truth, folder.truth["test"])
    np.testing.assert_array_equal(
        stages.supervisor, predictions(str(models / "classifier"), folder.files["test"], folder.classes)
    )
    assert stages.correct().shape == (3, 12) and set(stages.accuracies()) == {
        f"{who}_accuracy" for who in ("supervisor", "student", "ceiling")
    }
    few = three_stages(
        str(models / "dino"), supervisor=str(models / "classifier"), images=str(root), per_class=3
    )
    assert len(few.truth) == 9
