"""The natural-language tasks of the paper (Burns et al. 2023, Appendix A.1), read from the datasets themselves."""
