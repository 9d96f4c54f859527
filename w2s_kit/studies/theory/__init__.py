"""Four theories of why a student beats its supervisor, each computed.

    misfit             gain and misfit (notebook 16)
    expansion          when a student corrects its supervisor, and covers where it is silent (notebook 17)
    random_features    how far a weak teacher can be outdone (notebook 18)
    shared_variance    less overlap of two representations, fewer errors inherited (notebook 18)

Errors are mean squared differences over inputs, unless a divergence is named. A theorem stands at the
function that it is about; its proof, a few lines, stands in the notebook.
"""

from .expansion import (
    ETAS,
    corrected_error,
    correction,
    correction_applies,
    correction_bound,
    coverage,
    coverage_bound,
    evaluate,
    instability,
    neighbours,
    reach,
)
from .misfit import (
    apply_head,
    box_head,
    fit_head,
    gain_and_misfit,
    gaussian_inputs,
    kl,
    kl_projection,
    line_fit,
    pairs,
    representations,
    sign_head,
)
from .random_features import (
    Teacher,
    harmonics,
    linear_teacher,
    lowest_error,
    relu_kernel,
    relu_teacher,
)
from .shared_variance import (
    measured_variances,
    overlap,
    subspaces,
    variance_formula,
)
