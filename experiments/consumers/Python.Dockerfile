# consumer.py in an image, of what `experiments/consumers/gather` has put beside it.
FROM scratch
COPY rootfs/ /
COPY consumer.py /
CMD ["/bin/python3", "-u", "/consumer.py"]
