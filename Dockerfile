# bench in an image: the driver and `bench consumer`. `scripts/image` makes the folder that this is built in: this file and, in rootfs/, the program with the
# libraries that it is linked to. Nothing else is needed, so no base image is: a broker is one that is there (`cluster: { bootstrap: … }`), since no JVM is in it.
FROM scratch
COPY rootfs/ /
ENV PATH=/bin HOME=/bench
WORKDIR /bench
ENTRYPOINT ["/bin/bench"]
