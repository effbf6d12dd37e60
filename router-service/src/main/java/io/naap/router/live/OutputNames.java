package io.naap.router.live;

import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Looks names up with the name service of this machine. */
@Singleton
class OutputNames implements OutputTargets.Resolver {
  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    return InetAddress.getAllByName(host);
  }
}
