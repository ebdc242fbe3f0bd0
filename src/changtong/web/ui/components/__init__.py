"""The parts that pages are made of; templatetags/ui.py names them for templates."""
