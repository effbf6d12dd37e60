package io.naap.contracts.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.AnnotationNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.LdcInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.RecordComponentNode;
import org.objectweb.asm.tree.TypeInsnNode;

/**
 * Finds types that a native executable would miss, without building one. A type is read or written
 * as JSON when it is in the signature of an endpoint or REST client, or is named in a method that
 * calls {@code Json}, an {@code ObjectMapper}, {@code ObjectReader} or {@code ObjectWriter}; the
 * components of such records count too. Reports too many types rather than too few.
 */
public final class NativeRegistration {
  private static final String OURS = "io/naap/";
  private static final String REGISTER = "Lio/quarkus/runtime/annotations/RegisterForReflection;";
  private static final Set<String> JSON_OWNERS =
      Set.of(
          "io/naap/contracts/json/Json",
          "com/fasterxml/jackson/databind/ObjectMapper",
          "com/fasterxml/jackson/databind/ObjectReader",
          "com/fasterxml/jackson/databind/ObjectWriter");
  private static final Set<String> HTTP_METHODS =
      Set.of(
          "Ljakarta/ws/rs/GET;",
          "Ljakarta/ws/rs/POST;",
          "Ljakarta/ws/rs/PUT;",
          "Ljakarta/ws/rs/PATCH;",
          "Ljakarta/ws/rs/DELETE;");

  private final Map<String, ClassNode> classes = new HashMap<>();
  private final Set<String> registered = new HashSet<>();
  private final Set<String> crossing = new TreeSet<>();

  private NativeRegistration() {}

  /**
   * Names of the types of a module that become JSON and are not registered.
   *
   * @param classesDirectory {@code target/classes} of the module
   */
  public static Set<String> missing(Path classesDirectory) {
    NativeRegistration check = new NativeRegistration();
    check.readContracts();
    check.readModule(classesDirectory);
    List.copyOf(check.classes.values()).forEach(check::collectRegistered);
    List.copyOf(check.classes.values()).forEach(check::collectCrossing);
    check.addParts();
    check.crossing.removeAll(check.registered);
    return check.crossing;
  }

  /**
   * What a module that calls libsecp256k1 through JNI has not registered in {@code
   * META-INF/native-image}: the loader, the exception thrown by native code, and the library
   * itself.
   *
   * @param classesDirectory {@code target/classes} of the module
   */
  public static Set<String> missingForJni(Path classesDirectory) {
    Set<String> missing = new TreeSet<>();
    if (texts(classesDirectory, ".class").noneMatch(text -> text.contains("fr/acinq/secp256k1"))) {
      return missing;
    }
    List<String> metadata =
        texts(classesDirectory.resolve("META-INF/native-image"), "reachability-metadata.json")
            .toList();
    for (String needed :
        List.of(
            "fr.acinq.secp256k1.jni.NativeSecp256k1JvmLoader",
            "fr.acinq.secp256k1.Secp256k1Exception",
            "\"jniAccessible\": true",
            "fr/acinq/secp256k1/jni/native/")) {
      if (metadata.stream().noneMatch(text -> text.contains(needed))) {
        missing.add(needed);
      }
    }
    return missing;
  }

  private static Stream<String> texts(Path directory, String ending) {
    if (!Files.exists(directory)) {
      return Stream.empty();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(file -> file.toString().endsWith(ending))
          .map(
              file -> {
                try {
                  return Files.readString(file, StandardCharsets.ISO_8859_1);
                } catch (IOException unreadable) {
                  throw new UncheckedIOException(unreadable);
                }
              })
          .toList()
          .stream();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private void readContracts() {
    registered.add("io/naap/contracts/secret/Secret");
    for (String root : Set.of("io/naap/contracts/NativeTypes")) {
      read(root);
    }
  }

  private void readModule(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      files
          .filter(file -> file.toString().endsWith(".class"))
          .forEach(
              file -> {
                try (InputStream in = Files.newInputStream(file)) {
                  add(new ClassReader(in));
                } catch (IOException unreadable) {
                  throw new UncheckedIOException(unreadable);
                }
              });
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private ClassNode read(String internalName) {
    ClassNode known = classes.get(internalName);
    if (known != null) {
      return known;
    }
    try (InputStream in =
        NativeRegistration.class.getClassLoader().getResourceAsStream(internalName + ".class")) {
      return in == null ? null : add(new ClassReader(in));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private ClassNode add(ClassReader reader) {
    ClassNode node = new ClassNode();
    reader.accept(node, ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
    classes.put(node.name, node);
    return node;
  }

  private void collectRegistered(ClassNode node) {
    for (AnnotationNode annotation : annotations(node)) {
      if (!REGISTER.equals(annotation.desc)) {
        continue;
      }
      registered.add(node.name);
      if (annotation.values != null) {
        int at = annotation.values.indexOf("targets");
        if (at >= 0) {
          for (Object type : (Iterable<?>) annotation.values.get(at + 1)) {
            registered.add(((Type) type).getInternalName());
          }
        }
      }
    }
  }

  private static Iterable<AnnotationNode> annotations(ClassNode node) {
    Set<AnnotationNode> all = new HashSet<>();
    if (node.visibleAnnotations != null) {
      all.addAll(node.visibleAnnotations);
    }
    if (node.invisibleAnnotations != null) {
      all.addAll(node.invisibleAnnotations);
    }
    return all;
  }

  private void collectCrossing(ClassNode node) {
    if (node.name.startsWith("io/naap/contracts/json/")) {
      return;
    }
    for (MethodNode method : node.methods) {
      if (isEndpoint(method)) {
        addSignature(method.desc, method.signature);
      }
      if (callsJson(method)) {
        addSignature(method.desc, method.signature);
        for (AbstractInsnNode step : method.instructions) {
          if (step instanceof LdcInsnNode constant && constant.cst instanceof Type type) {
            addType(type.getInternalName());
          } else if (step instanceof TypeInsnNode type) {
            addType(type.desc);
          } else if (step instanceof MethodInsnNode call) {
            addNames(Type.getReturnType(call.desc).getDescriptor());
          }
        }
      }
    }
  }

  private static boolean isEndpoint(MethodNode method) {
    return method.visibleAnnotations != null
        && method.visibleAnnotations.stream().anyMatch(a -> HTTP_METHODS.contains(a.desc));
  }

  private static boolean callsJson(MethodNode method) {
    for (AbstractInsnNode step : method.instructions) {
      if (step instanceof MethodInsnNode call && JSON_OWNERS.contains(call.owner)) {
        return true;
      }
    }
    return false;
  }

  private void addSignature(String descriptor, String signature) {
    addNames(descriptor);
    if (signature != null) {
      addNames(signature);
    }
  }

  /** Adds every class named in a descriptor or generic signature. */
  private void addNames(String text) {
    for (int at = text.indexOf("L" + OURS); at >= 0; at = text.indexOf("L" + OURS, at + 1)) {
      int end = at + 1;
      while (end < text.length() && ";<".indexOf(text.charAt(end)) < 0) {
        end++;
      }
      addType(text.substring(at + 1, end));
    }
  }

  private void addType(String internalName) {
    if (internalName.startsWith(OURS)) {
      ClassNode node = read(internalName);
      if (node != null && isData(node)) {
        crossing.add(internalName);
      }
    }
  }

  private static boolean isData(ClassNode node) {
    return "java/lang/Record".equals(node.superName)
        || "java/lang/Enum".equals(node.superName)
        || node.permittedSubclasses != null;
  }

  private void addParts() {
    Deque<String> open = new ArrayDeque<>(crossing);
    while (!open.isEmpty()) {
      ClassNode node = read(open.pop());
      Set<String> before = new HashSet<>(crossing);
      if (node.recordComponents != null) {
        for (RecordComponentNode part : node.recordComponents) {
          addSignature(part.descriptor, part.signature);
        }
      }
      if (node.permittedSubclasses != null) {
        node.permittedSubclasses.forEach(this::addType);
      }
      Set<String> found = new HashSet<>(crossing);
      found.removeAll(before);
      open.addAll(found);
    }
  }
}
