"""gunicorn's way in."""

from config import Settings
from quizapp.factory import create_app

app = create_app(Settings.from_environment())
