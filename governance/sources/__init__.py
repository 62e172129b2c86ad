"""An asset's places to Arrow record batches and log events, streaming and bounded."""
