package io.naap.deploy.bench.router;

import java.util.Map;

/**
 * Something that a request passes through on its way to the upstream.
 *
 * @param port where it listens
 * @param headers what a request needs beside its key
 */
record Peer(String name, Started process, int port, Map<String, String> headers) {}
