"""What Java and Kotlin share: names of protobuf-java, grpc-java and their Kotlin companions; libraries."""
