from __future__ import annotations

from procrastinate.contrib.django import app

from changtong.feedback.operations import ending, escalating, evaluating, sending
from changtong.infra import clock


@app.task(name="feedback.send")
def send(notification_id: int) -> None:
    sending.send(notification_id=notification_id, at=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="feedback.send_due", queueing_lock="feedback.send_due")
def send_due(timestamp: int) -> None:
    sending.send_due(at=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="feedback.remind", queueing_lock="feedback.remind")
def remind(timestamp: int) -> None:
    evaluating.remind(at=clock.now())


@app.periodic(cron="* * * * *")
@app.task(
    name="feedback.take_silence_as_consent", queueing_lock="feedback.take_silence_as_consent"
)
def take_silence_as_consent(timestamp: int) -> None:
    ending.take_silence_as_consent(at=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="feedback.escalate", queueing_lock="feedback.escalate")
def escalate(timestamp: int) -> None:
    # The same minute's messages go out at once; what cannot, the sweep of messages sends.
    if escalating.escalate(at=clock.now()):
        sending.send_due(at=clock.now())
