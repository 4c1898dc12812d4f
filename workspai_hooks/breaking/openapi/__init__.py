"""What a change breaks in OpenAPI descriptions: oasdiff's answer, folded by root cause, in our terms."""
