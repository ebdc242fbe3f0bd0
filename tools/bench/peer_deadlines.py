"""Run by `deadlines` where businesstimedelta is installed: 8 business hours from each instant."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time

import businesstimedelta
import pytz


def main() -> None:
    """Read the work, do it, and tell how fast and with what result."""
    work = json.load(sys.stdin)
    zone = pytz.timezone(work["timezone"])
    (begin, noon), (again, end) = (
        tuple(dt.time(*divmod(minute, 60)) for minute in interval) for interval in work["hours"]
    )
    days = range(5)
    rules = businesstimedelta.Rules(
        [
            businesstimedelta.WorkDayRule(
                start_time=begin, end_time=end, working_days=list(days), tz=zone
            ),
            businesstimedelta.LunchTimeRule(
                start_time=noon, end_time=again, working_days=list(days), tz=zone
            ),
            businesstimedelta.HolidayRule(
                {dt.date.fromisoformat(day): "holiday" for day in work["holidays"]}, tz=zone
            ),
        ]
    )
    limit = businesstimedelta.BusinessTimeDelta(rules, hours=8)
    starts = [dt.datetime.fromisoformat(at) for at in work["starts"]]
    began = time.process_time()
    found = [at + limit for at in starts]
    took = time.process_time() - began
    print(
        json.dumps(
            {
                "per_s": len(starts) / took,
                "found": [at.astimezone(dt.UTC).isoformat() for at in found],
            }
        )
    )


if __name__ == "__main__":
    main()
