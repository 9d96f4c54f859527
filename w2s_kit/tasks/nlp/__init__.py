"""The natural-language tasks of the paper, read from the datasets themselves.

Source: Burns et al. 2023, Appendix A.1.
"""
