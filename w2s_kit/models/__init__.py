"""Who answers: families of models, heads, writers, reward models and chess policies; `loading` makes them."""
