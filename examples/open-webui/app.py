# /// script
# requires-python = ">=3.11,<3.13"
# dependencies = ["torch==2.13.0", "open-webui==0.12.4"]
# ///
"""Open WebUI without accounts: ``uv run examples/open-webui/app.py [PORT]``, then open http://127.0.0.1:8080.

``ENDPOINT`` is the address of the service, http://127.0.0.1:8000 unless it is set;
``DATA_DIR`` is where it keeps conversations.
"""

import os
import sys

from open_webui import serve

SETTINGS = {
    "OPENAI_API_BASE_URL": os.environ.get("ENDPOINT", "http://127.0.0.1:8000") + "/v1",
    "OPENAI_API_KEY": "none",
    "ENABLE_OLLAMA_API": "False",
    "WEBUI_AUTH": "False",
    "WEBUI_SECRET_KEY": "none",
    "ENABLE_PERSISTENT_CONFIG": "False",  # these settings count, not what was saved at the first start
    # Nothing is loaded from elsewhere.
    "OFFLINE_MODE": "True",
    "HF_HUB_OFFLINE": "1",
    "RAG_EMBEDDING_MODEL": "",
}
for name, value in SETTINGS.items():
    os.environ.setdefault(name, value)

serve(host="127.0.0.1", port=int(sys.argv[1]) if sys.argv[1:] else 8080)
