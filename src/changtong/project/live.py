"""The program of live updates, which runs beside the web server."""

import os

import django


def main() -> None:
    """Serve live updates until SIGTERM."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "changtong.project.settings")
    django.setup()
    from django.conf import settings

    from changtong.web.live import serving

    serving.serve(host=os.environ.get("BIND", "127.0.0.1"), port=settings.LIVE_PORT)


if __name__ == "__main__":
    main()
