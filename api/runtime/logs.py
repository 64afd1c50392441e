"""Where the log of a served process goes. All of it is below the logger ``pullquote``."""

import logging


def show_log() -> None:
    """Write the log to standard error, as uvicorn does with its own, unless this process was told where logs go."""
    logger, root = logging.getLogger("pullquote"), logging.getLogger()
    if any(not isinstance(handler, logging.NullHandler) for handler in (*logger.handlers, *root.handlers)):
        return
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s:     %(message)s"))
    logger.addHandler(handler)
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)
