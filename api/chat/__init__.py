"""The chat dialects, one module each. A dialect only translates; :mod:`api.chat.message` says what is said."""
