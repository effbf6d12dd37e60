package io.naap.auth.siwe;

import io.naap.auth.audit.Origin;
import io.naap.auth.limit.ClientLimits;
import io.naap.auth.session.Tokens;
import io.naap.auth.tenant.AuthConfig;
import io.naap.contracts.problem.InvalidInput;
import io.naap.contracts.problem.Refusal;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.CookieParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.NewCookie;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

/** HTTP endpoints of Sign-In with Ethereum. */
@Path("/auth/siwe")
@Produces(MediaType.APPLICATION_JSON)
@PermitAll
@RunOnVirtualThread
public class SiweResource {
  private static final String COOKIE = "naap_siwe";
  private static final long RETRY_AFTER_SECONDS = 5;

  private final Nonces nonces;
  private final SignIn signIn;
  private final ClientLimits limits;
  private final boolean overTls;

  SiweResource(Nonces nonces, SignIn signIn, ClientLimits limits, AuthConfig config) {
    this.nonces = nonces;
    this.signIn = signIn;
    this.limits = limits;
    this.overTls = config.issuer().startsWith("https:");
  }

  /** A nonce for the message to sign. */
  public record NonceAnswer(String nonce, Instant expiresAt) {}

  /**
   * A signed message.
   *
   * @param message the EIP-4361 text, exactly as it was signed
   * @param signature {@code 0x} hexadecimal: 65 bytes, or the signature of a contract wallet
   *     (ERC-1271, ERC-6492); the whole request has at most 8 KiB
   */
  public record SignedMessage(String message, String signature) {
    public SignedMessage {
      if (message == null || signature == null) {
        throw new InvalidInput("message and signature must be there");
      }
    }
  }

  /** Issues a nonce and sets the cookie that binds it to this client. */
  @GET
  @Path("/nonce")
  @Operation(operationId = "siweNonce", summary = "A nonce to sign; good once, for five minutes")
  @APIResponse(
      responseCode = "200",
      description = "The nonce",
      content = @Content(schema = @Schema(implementation = NonceAnswer.class)))
  @APIResponse(responseCode = "429", description = "Too many from this address")
  public Response nonce(@Context RoutingContext context) {
    limits
        .check("nonce", Origin.of(context))
        .ifPresent(
            refusal -> {
              throw refusal.raise();
            });
    Nonces.Nonce nonce = nonces.issue();
    NewCookie cookie =
        new NewCookie.Builder(COOKIE)
            .value(nonce.binding())
            .path("/auth")
            .httpOnly(true)
            .secure(overTls)
            .sameSite(NewCookie.SameSite.STRICT)
            .maxAge(300)
            .build();
    return Response.ok(new NonceAnswer(nonce.nonce(), nonce.expiresAt()))
        .cookie(cookie)
        .header("Cache-Control", "no-store")
        .build();
  }

  /** Verifies a signed message and opens a session. */
  @POST
  @Path("/verify")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(operationId = "siweVerify", summary = "Sign in with a signed EIP-4361 message")
  @APIResponse(
      responseCode = "200",
      description = "Tokens",
      content = @Content(schema = @Schema(implementation = Tokens.class)))
  @APIResponse(responseCode = "401", description = "Not signed in")
  @APIResponse(responseCode = "422", description = "Not an EIP-4361 message")
  @APIResponse(responseCode = "503", description = "The account's chain does not answer")
  public Response verify(
      SignedMessage signed, @CookieParam(COOKIE) String binding, @Context RoutingContext context) {
    Origin origin = Origin.of(context);
    if (signed == null) {
      throw Refusal.of(400, "malformed_json", "Send a JSON object.").raise();
    }
    String client = binding == null ? "" : binding;
    limits
        .tooManyFailures("verify", client)
        .ifPresent(
            refusal -> {
              throw refusal.raise();
            });
    return switch (signIn.verify(signed.message(), signed.signature(), binding, origin)) {
      case SignIn.Outcome.SignedIn signedIn ->
          Response.ok(signedIn.tokens()).header("Cache-Control", "no-store").build();
      case SignIn.Outcome.Malformed malformed ->
          throw Refusal.of(
                  422, "malformed_message", "Not an EIP-4361 message: " + malformed.why() + ".")
              .raise();
      case SignIn.Outcome.Refused refused -> {
        limits
            .failed("verify", client)
            .ifPresent(
                refusal -> {
                  throw refusal.raise();
                });
        throw Refusal.of(
                refused.code().equals("tenant_suspended") ? 403 : 401,
                refused.code(),
                refused.why())
            .raise();
      }
      case SignIn.Outcome.Unknown ignored ->
          throw new Refusal(
                  503,
                  "chain_unavailable",
                  "The chain does not answer; ask for a new nonce and try again.",
                  null,
                  Optional.of(RETRY_AFTER_SECONDS))
              .raise();
    };
  }
}
