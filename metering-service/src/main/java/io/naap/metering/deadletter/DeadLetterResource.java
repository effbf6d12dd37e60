package io.naap.metering.deadletter;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.naap.contracts.identity.Caller;
import io.naap.contracts.identity.Role;
import io.naap.contracts.page.Page;
import io.naap.contracts.page.PageRequest;
import io.naap.contracts.problem.Refusal;
import io.naap.contracts.text.PlainText;
import io.naap.metering.correction.RepairRequest;
import io.naap.metering.usage.UsageQuestion;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** HTTP endpoints for operators to list dead letters, and to replay or dismiss each. */
@Path("v1/usage/dead-letters")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@SecurityRequirement(name = "SecurityScheme")
public class DeadLetterResource {
  private static final int MOST_REASON = 500;
  private static final int MOST_ID = 200;

  private final DeadLetters letters;
  private final SecurityIdentity identity;

  DeadLetterResource(DeadLetters letters, SecurityIdentity identity) {
    this.letters = letters;
    this.identity = identity;
  }

  /** Lists open or resolved dead letters. */
  @GET
  @RolesAllowed({Role.OPERATOR_NAME, Role.SUPPORT_NAME})
  @Operation(
      operationId = "listDeadLetters",
      summary = "Stream entries that could not be stored, newest first: usage among them is unpaid")
  @APIResponse(responseCode = "200", description = "The entries")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Neither operator nor support")
  @APIResponse(responseCode = "422", description = "Invalid")
  public Page<DeadLetter> list(
      @Parameter(description = "open (usual) or resolved") @QueryParam("state") String state,
      @QueryParam("limit") Integer limit,
      @QueryParam("cursor") String cursor) {
    PageRequest page = PageRequest.of(UsageQuestion.SIZES, limit, cursor, 2);
    boolean resolved = "resolved".equals(state);
    if (state != null && !resolved && !"open".equals(state)) {
      throw Refusal.invalid("state is open or resolved").raise();
    }
    return letters.list(resolved, page);
  }

  /**
   * A request to store a dead letter as usage.
   *
   * @param event the whole repaired event; absent to try the stored payload again
   */
  public record Replay(
      String stream,
      String entryId,
      @Schema(type = SchemaType.OBJECT, nullable = true) ObjectNode event) {
    public Replay {
      PlainText.line("stream", stream, MOST_ID);
      PlainText.line("entry_id", entryId, MOST_ID);
    }
  }

  /** A request to dismiss a dead letter, with the reason. */
  public record Dismissal(String stream, String entryId, String reason) {
    public Dismissal {
      PlainText.line("stream", stream, MOST_ID);
      PlainText.line("entry_id", entryId, MOST_ID);
      PlainText.line("reason", reason, MOST_REASON);
    }
  }

  /** Stores a dead letter as a usage event, using the repaired event when one is given. */
  @POST
  @Path("replay")
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(
      operationId = "replayDeadLetter",
      summary =
          "Store an entry as usage, repaired where an event is given; it is rated and billed once (operator)")
  @APIResponse(responseCode = "200", description = "What became of it")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "404", description = "No such open entry")
  @APIResponse(responseCode = "422", description = "It still cannot be stored, or is no usage")
  public RepairRequest.Repaired replay(Replay wanted) {
    required(wanted);
    return switch (letters.replay(
        new DeadLetters.Id(wanted.stream(), wanted.entryId()),
        Optional.ofNullable(wanted.event()).map(ObjectNode::toString),
        Caller.of(identity).subject())) {
      case DeadLetters.Resolved.Done done -> done.event();
      case DeadLetters.Resolved.Dismissed dismissed -> throw new IllegalStateException();
      case DeadLetters.Resolved.NoneOpen none -> throw none();
      case DeadLetters.Resolved.NotUsage other ->
          throw Refusal.of(
                  422, "not_usage", "Only entries of usage streams can be stored; dismiss others.")
              .raise();
      case DeadLetters.Resolved.Unreadable unreadable ->
          throw Refusal.of(
                  422,
                  "not_storable",
                  "It cannot be stored as it is; send the repaired event with every field.")
              .raise();
    };
  }

  /** Dismisses a dead letter as not being usage. */
  @POST
  @Path("dismiss")
  @RolesAllowed(Role.OPERATOR_NAME)
  @Operation(
      operationId = "dismissDeadLetter",
      summary = "Say that an entry is no usage, and why (operator)")
  @APIResponse(responseCode = "204", description = "Dismissed")
  @APIResponse(responseCode = "401", description = "No or bad credential")
  @APIResponse(responseCode = "403", description = "Not an operator")
  @APIResponse(responseCode = "404", description = "No such open entry")
  @APIResponse(responseCode = "422", description = "Invalid")
  public void dismiss(Dismissal wanted) {
    required(wanted);
    DeadLetters.Resolved resolved =
        letters.dismiss(
            new DeadLetters.Id(wanted.stream(), wanted.entryId()),
            wanted.reason(),
            Caller.of(identity).subject());
    if (resolved instanceof DeadLetters.Resolved.NoneOpen) {
      throw none();
    }
  }

  private static Refusal.RefusedException none() {
    return Refusal.notFound("open dead letter").raise();
  }

  private static void required(Object body) {
    if (body == null) {
      throw Refusal.invalid("Send a body that names the entry: stream and entry_id.").raise();
    }
  }
}
