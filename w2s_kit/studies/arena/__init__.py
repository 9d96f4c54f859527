"""An arena for automated researchers: a board of problems, submissions in a sandbox, and a search by score."""
