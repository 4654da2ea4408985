# Orders.java in an image, of what `experiments/consumers/gather` has put beside it.
FROM scratch
COPY rootfs/ /
CMD ["/opt/java/bin/java", "-Xmx128m", "-XX:+UseSerialGC", "-cp", "/opt/kafka/*:/opt/orders", "Orders"]
