"""A small translator, and texts for it."""

from tests.support.tasks import small_task

TASK = small_task()
PARTS = [b"Save the file.", b"Open the document.", b"Click OK."]
TEXTS = [b"Save the file.", b"", b"   ", "뷁 👩‍💻 ﬁ".encode(), b"\xff\xfe", b"word " * 500]
