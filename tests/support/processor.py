"""What this machine can run."""

import pytest

from seqapp.errors import ExportError
from serving.export.processor import check_quantized_kernels


def skip_without_quantized_kernels() -> None:
    """Skips the calling test on machines without kernels for 8-bit products."""
    try:
        check_quantized_kernels()
    except ExportError as error:
        pytest.skip(str(error))
