"""The one way to say no."""


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a malfunction
    """
    Tell the caller that a rule forbids what was asked.

    :param code: identifier of the reason, ``noun.reason``; the sentence for it lives in `web`
    :param clause: number of the clause of the service standard that forbids it, if one does
    :param facts: values that the sentence needs; never sentences themselves
    """

    def __init__(self, code: str, /, *, clause: str | None = None, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.clause = clause
        self.facts = facts

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.code} (clause {self.clause or '-'}) {facts}".rstrip()


class Missing(Refused):
    """Tell the caller that the thing asked for does not exist, or not for them."""
