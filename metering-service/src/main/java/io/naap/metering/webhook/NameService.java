package io.naap.metering.webhook;

import jakarta.enterprise.context.ApplicationScoped;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Resolves host names by the DNS resolver of this machine. */
@ApplicationScoped
class NameService implements Targets.Resolver {
  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    return InetAddress.getAllByName(host);
  }
}
