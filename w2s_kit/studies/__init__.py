"""What later papers add to the study of three stages.

theory       why a student beats its supervisor, computed (notebooks 16 to 18)
reranking    choosing among many solutions with a reward model (notebook 21)
aligner      a small model that corrects the answers of larger ones (notebook 22)
debate       two sides argue, weak judges read (notebook 23)
arena        other people's methods, scored on labels that they cannot see (notebook 25)
vision       weak to strong on images (notebook 12)
"""
