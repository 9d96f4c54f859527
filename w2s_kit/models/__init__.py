"""Who answers: families of models, their heads, writers, reward models, chess policies; `loading` is the door."""
