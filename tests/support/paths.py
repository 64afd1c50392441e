"""Where the checkout is."""

from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SEED_ARTICLE = ROOT / "seeds" / "000_c02cb47a3876a1ac.txt"  # the article that most tests ask
NO_NETWORK = ROOT / "tests" / "no_network"
