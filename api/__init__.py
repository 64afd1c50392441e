"""Floor 3: HTTP, web pages and the command line."""

import logging

logging.getLogger("pullquote").addHandler(logging.NullHandler())
