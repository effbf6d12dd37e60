package io.naap.router.workload;

import io.naap.contracts.edge.BodyReader;
import io.naap.contracts.metering.Unit;
import io.naap.contracts.metering.Units;
import io.naap.contracts.problem.Refusal;
import io.naap.router.http.Upload;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads multipart forms. A form on go-livepeer's paths streams: only its beginning is read before
 * the job is forwarded. A form on OpenAI's paths is read whole, because its fields may come after
 * its file and have other names at the gateway.
 */
final class FormReader {
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

  private final long streamedMaxBytes;
  private final long openAiMaxBytes;
  private final int headBytes;

  FormReader(WorkloadConfig config) {
    this(config.multipartMaxBytes(), config.openAiMultipartMaxBytes(), config.headBytes());
  }

  /**
   * @param headBytes that are read of a form that streams
   */
  FormReader(long streamedMaxBytes, long openAiMaxBytes, int headBytes) {
    this.streamedMaxBytes = streamedMaxBytes;
    this.openAiMaxBytes = openAiMaxBytes;
    this.headBytes = headBytes;
  }

  Future<ParsedRequest> read(FormWorkload workload, Upload request) {
    String boundary = MultipartHead.boundary(request.getHeader("Content-Type"));
    long declared = request.declared();
    long most = mostBytes(workload);
    if (declared > most) {
      throw BodyReader.tooLarge(most);
    }
    return (workload.openAi()
            ? request.whole(most).map(body -> new Upload.Beginning(body, true))
            : request.beginning(headBytes))
        .map(head -> parse(workload, boundary, declared, head));
  }

  private long mostBytes(FormWorkload workload) {
    return workload.openAi() ? openAiMaxBytes : streamedMaxBytes;
  }

  /**
   * Checks a form's beginning, and says what job it asks for.
   *
   * @param declared the length of the whole body, or -1 when the client does not say
   */
  ParsedRequest parse(
      FormWorkload workload, String boundary, long declared, Upload.Beginning head) {
    MultipartHead form =
        workload.openAi()
            ? openAiForm(workload, boundary, head.bytes())
            : streamedForm(workload, boundary, head);
    FormMeter meter = workload.meter(form);
    long length = head.ended() ? head.bytes().length() : declared;
    Form read =
        new Form(
            workload,
            form,
            meter,
            length,
            mostBytes(workload),
            head.ended() ? Optional.empty() : Optional.of(new MultipartTail(form)));
    Optional<String> model =
        Optional.ofNullable(form.fields().get(workload.openAi() ? "model" : "model_id"))
            .filter(name -> !name.isBlank());
    return ParsedRequest.of(workload, model, read::job);
  }

  /**
   * A form that was read.
   *
   * @param length of the client's body, or -1 when unknown
   * @param mostBytes that the body may have
   * @param tail what reads the rest, while the body has not ended
   */
  private record Form(
      FormWorkload workload,
      MultipartHead head,
      FormMeter meter,
      long length,
      long mostBytes,
      Optional<MultipartTail> tail) {
    Job job(String model) {
      boolean ended = tail.isEmpty();
      Map<String, String> values = new LinkedHashMap<>(workload.defaults(head));
      values.put("model_id", model);
      Buffer start = head.written(values, workload.fileField());
      // The form's fields are written anew, so what the gateway gets may be longer or shorter.
      long grown = (long) start.length() - head.fileAt();
      Buffer first =
          ended
              ? head.writtenWhole(values, workload.fileField())
              : start.appendBuffer(tail.get().first());
      long lengthSent = ended ? first.length() : length < 0 ? -1 : length + grown;
      BodyCheck check = ended ? BodyCheck.NONE : new MeteredCheck(tail.get(), meter);
      return new Job(
          estimate(),
          new Job.Outgoing(
              "/" + workload.capability(),
              Map.of("Content-Type", head.contentType()),
              new Body.Streamed(first, lengthSent, ended, mostBytes, check),
              Job.Answer.JSON),
          (answer, delivered) -> meter.of(answer),
          workload.images(head).stream()
              .mapToObj(images -> new ImageParts(images, Optional.empty()))
              .findFirst());
    }

    /** The length of a recording that comes in pieces without a total is open until its end. */
    private Job.Estimate estimate() {
      long fileBytes =
          tail.isEmpty() ? head.file().length() : (length < 0 ? mostBytes : length) - head.fileAt();
      Optional<Units> expected = meter.expected(fileBytes);
      return length < 0 && expected.isPresent()
          ? new Job.Estimate(expected.get(), Optional.empty(), Optional.of(Unit.MILLISECONDS))
          : new Job.Estimate(meter.most(fileBytes), expected, Optional.empty());
    }
  }

  /** Checks what passes to the gateway, and measures it. */
  private record MeteredCheck(BodyCheck check, FormMeter meter) implements BodyCheck {
    @Override
    public Buffer see(Buffer bytes) {
      Buffer passed = check.see(bytes);
      meter.pass(bytes);
      return passed;
    }

    @Override
    public Buffer end() {
      return check.end();
    }
  }

  /** The router must see the same file that the gateway will look at, and its first bytes. */
  private MultipartHead streamedForm(
      FormWorkload workload, String boundary, Upload.Beginning head) {
    MultipartHead form =
        head.ended()
            ? MultipartHead.readWhole(boundary, head.bytes())
            : MultipartHead.read(boundary, head.bytes());
    if (!form.fileField().equals(workload.fileField())) {
      throw Refusal.invalid(
              "The form needs a file in its field \""
                  + workload.fileField()
                  + "\", before any other file.")
          .raise();
    }
    if (!head.ended() && form.file().length() < headBytes / 2) {
      throw Refusal.invalid("The fields before the file may have " + headBytes / 2 + " bytes.")
          .raise();
    }
    return form;
  }

  private static MultipartHead openAiForm(FormWorkload workload, String boundary, Buffer body) {
    MultipartHead form = MultipartHead.readWhole(boundary, body);
    boolean isAudio = workload.fileField().equals("audio");
    String format = form.fields().getOrDefault("response_format", "");
    String wanted = isAudio ? "json" : "url";
    if (!format.isEmpty() && !format.equals(wanted)) {
      throw Refusal.invalid("response_format must be " + wanted + ".").raise();
    }
    if (form.fields().getOrDefault("stream", "false").equals("true")) {
      throw Refusal.invalid("stream must be false here.").raise();
    }
    for (String gateways : List.of("model_id", "num_images_per_prompt")) {
      if (form.fields().containsKey(gateways)) {
        throw Refusal.invalid("Field \"" + gateways + "\" is not one of this path.").raise();
      }
    }
    String field = isAudio ? "file" : "image";
    if (!form.fileField().equals(field) && !form.fileField().equals(field + "[]")) {
      throw Refusal.invalid("The form needs a file in its field \"" + field + "\".").raise();
    }
    return form;
  }

  /** Refuses a picture of a kind that the gateway cannot decode: it drops such a job silently. */
  static void requirePicture(MultipartHead form, Set<Media.Picture> readable) {
    if (!readable.contains(Media.picture(form.file()))) {
      throw Refusal.of(
              415,
              "unsupported_picture",
              "Send the picture as "
                  + (readable.contains(Media.Picture.WEBP)
                      ? "PNG, JPEG, GIF or WebP."
                      : "PNG, JPEG or GIF."))
          .raise();
    }
  }

  /** A field that is a whole number from 1 to {@code most}; {@code otherwise} when absent. */
  static long number(MultipartHead form, String field, long otherwise, long most) {
    String given = form.fields().get(field);
    if (given == null) {
      return otherwise;
    }
    if (!NUMBER.matcher(given).matches()
        || Long.parseLong(given) < 1
        || Long.parseLong(given) > most) {
      throw Refusal.invalid(
              "Field \"" + field + "\" must be a whole number from 1 to " + most + ".")
          .raise();
    }
    return Long.parseLong(given);
  }
}
