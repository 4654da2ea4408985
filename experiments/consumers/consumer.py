"""A consumer as most are written: one message at a time, some work, a commit a second.

It needs `pip install confluent-kafka`. Bench tells it by its environment what to read; `WORK_US` is the CPU time that each message takes, in microseconds.
"""

import os
import signal
import time

from confluent_kafka import Consumer

WORK_S = float(os.environ.get("WORK_US", "0")) / 1e6


def work():
    """Takes CPU time of this thread, as the reference consumer's `work.cpu` does."""
    end = time.thread_time() + WORK_S
    while time.thread_time() < end:
        pass


def main():
    consumer = Consumer({
        "bootstrap.servers": os.environ["BENCH_SERVERS"],
        "group.id": os.environ["BENCH_GROUP"],
        "auto.offset.reset": "earliest",
        "auto.commit.interval.ms": 1000,
        "enable.auto.offset.store": False,
    })
    running = True

    def stop(*_):
        nonlocal running
        running = False

    signal.signal(signal.SIGTERM, stop)
    consumer.subscribe(os.environ["BENCH_TOPIC"].split(","))
    while running:
        message = consumer.poll(0.2)
        if message is None:
            continue
        if message.error():
            print(message.error(), flush=True)
            continue
        work()
        consumer.store_offsets(message)
    consumer.close()


if __name__ == "__main__":
    main()
