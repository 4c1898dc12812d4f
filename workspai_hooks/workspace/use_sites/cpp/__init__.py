"""C++: protoc and the gRPC plugin."""
