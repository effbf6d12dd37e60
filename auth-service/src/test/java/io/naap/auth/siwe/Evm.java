package io.naap.auth.siwe;

import io.naap.auth.wallet.Address;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import org.web3j.crypto.Hash;

/** Contracts for tests, assembled from EVM instructions. All hexadecimal texts start with 0x. */
final class Evm {
  /**
   * The CREATE2 factory that anvil provides on every chain; its call data is a salt followed by
   * creation code.
   */
  static final String DEPLOYER = "0x4e59b44847b379578588920cA78FbF26c0B4956C";

  private static final Map<String, Integer> CODES = new HashMap<>();

  static {
    CODES.put("STOP", 0x00);
    CODES.put("MUL", 0x02);
    CODES.put("EQ", 0x14);
    CODES.put("SHL", 0x1b);
    CODES.put("SHR", 0x1c);
    CODES.put("CALLDATALOAD", 0x35);
    CODES.put("CALLDATASIZE", 0x36);
    CODES.put("CALLDATACOPY", 0x37);
    CODES.put("POP", 0x50);
    CODES.put("MSTORE", 0x52);
    CODES.put("MLOAD", 0x51);
    CODES.put("SLOAD", 0x54);
    CODES.put("SSTORE", 0x55);
    CODES.put("JUMP", 0x56);
    CODES.put("JUMPI", 0x57);
    CODES.put("GAS", 0x5a);
    CODES.put("JUMPDEST", 0x5b);
    CODES.put("RETURN", 0xf3);
    CODES.put("STATICCALL", 0xfa);
    CODES.put("REVERT", 0xfd);
    CODES.put("INVALID", 0xfe);
  }

  /** Writes the magic value of ERC-1271, padded to a word, to the start of memory. */
  private static final String MAGIC = "PUSH4 1626ba7e PUSH1 e0 SHL PUSH1 00 MSTORE ";

  private Evm() {}

  /** Assembles instructions; {@code PUSHn} takes n bytes in hexadecimal. */
  static String code(String instructions) {
    StringBuilder code = new StringBuilder("0x");
    for (String word : instructions.split(" +", -1)) {
      if (word.startsWith("PUSH")) {
        code.append("%02x".formatted(0x5f + Integer.parseInt(word.substring(4))));
      } else if (CODES.containsKey(word)) {
        code.append("%02x".formatted(CODES.get(word)));
      } else {
        code.append(word.toLowerCase(Locale.ROOT));
      }
    }
    return code.toString();
  }

  /** Accepts every signature. */
  static String yes() {
    return code(MAGIC + "PUSH1 20 PUSH1 00 RETURN");
  }

  /** Accepts every signature, with a response of {@code length} bytes (at most 16 MiB). */
  static String yesInBytes(int length) {
    return code(MAGIC + "PUSH3 %06x PUSH1 00 RETURN".formatted(length));
  }

  /** Returns {@code length} zero bytes. */
  static String zeros(int length) {
    return code("PUSH3 %06x PUSH1 00 RETURN".formatted(length));
  }

  /** Returns a word that starts with these four bytes. */
  static String says(String fourBytes) {
    return code("PUSH4 " + fourBytes + " PUSH1 e0 SHL PUSH1 00 MSTORE PUSH1 20 PUSH1 00 RETURN");
  }

  /** Returns this word. */
  static String saysWord(String word) {
    return code("PUSH32 " + word + " PUSH1 00 MSTORE PUSH1 20 PUSH1 00 RETURN");
  }

  static String reverts() {
    return code(MAGIC + "PUSH1 20 PUSH1 00 REVERT");
  }

  static String invalid() {
    return code("INVALID");
  }

  /** Loops until the gas is used up. */
  static String burnsGas() {
    return code("JUMPDEST PUSH1 00 JUMP");
  }

  /** Accepts every signature, but only when it may write to storage. */
  static String writes() {
    return code("PUSH1 01 PUSH1 00 SSTORE " + MAGIC + "PUSH1 20 PUSH1 00 RETURN");
  }

  /** Returns its input. */
  static String echoes() {
    return code("CALLDATASIZE PUSH1 00 PUSH1 00 CALLDATACOPY CALLDATASIZE PUSH1 00 RETURN");
  }

  /** Accepts every signature once anybody has called it with four bytes, which opens it. */
  static String canBeOpened() {
    return code(
        "CALLDATASIZE PUSH1 04 EQ PUSH1 0a JUMPI PUSH1 10 JUMP"
            // 0a: writes 1 to storage, which opens it
            + " JUMPDEST PUSH1 01 PUSH1 00 SSTORE"
            // 10: returns the magic value times the stored value
            + " JUMPDEST PUSH1 00 SLOAD PUSH4 1626ba7e MUL PUSH1 e0 SHL PUSH1 00 MSTORE"
            + " PUSH1 20 PUSH1 00 RETURN");
  }

  /** Accepts 65-byte signatures made with the owner's key. */
  static String ownedBy(String owner) {
    return code(
        // hash, v, r and s in the order of the ecrecover precompile
        "PUSH1 04 CALLDATALOAD PUSH1 00 MSTORE"
            + " PUSH1 a4 CALLDATALOAD PUSH1 f8 SHR PUSH1 20 MSTORE"
            + " PUSH1 64 CALLDATALOAD PUSH1 40 MSTORE"
            + " PUSH1 84 CALLDATALOAD PUSH1 60 MSTORE"
            + " PUSH1 20 PUSH1 80 PUSH1 80 PUSH1 00 PUSH1 01 GAS STATICCALL POP"
            // the magic value if the signer is the owner, else zero
            + " PUSH1 80 MLOAD PUSH20 "
            + owner.substring(2)
            + " EQ PUSH4 1626ba7e MUL PUSH1 e0 SHL PUSH1 00 MSTORE"
            + " PUSH1 20 PUSH1 00 RETURN");
  }

  /** The code of an account that delegates to a contract (EIP-7702). */
  static String delegatedTo(String contract) {
    return "0xef0100" + contract.substring(2).toLowerCase(Locale.ROOT);
  }

  /** Creation code that deploys this code. */
  static String creationOf(String code) {
    String body = code.substring(2);
    // PUSH2 length DUP1 PUSH1 0c PUSH1 00 CODECOPY PUSH1 00 RETURN, and the code at 0c
    return "0x61%04x80600c6000396000f3".formatted(body.length() / 2) + body;
  }

  /** The call data for {@link #DEPLOYER}. */
  static String deployment(String salt, String creation) {
    return "0x" + salt + creation.substring(2);
  }

  /** The address at which {@link #DEPLOYER} deploys (EIP-1014). */
  static String deployedAt(String salt, String creation) {
    HexFormat hex = HexFormat.of();
    String hash = hex.formatHex(Hash.sha3(hex.parseHex(creation.substring(2))));
    byte[] address = Hash.sha3(hex.parseHex("ff" + DEPLOYER.substring(2) + salt + hash));
    return Address.of(Arrays.copyOfRange(address, 12, 32));
  }

  /** A signature in the ERC-6492 wrapper. */
  static String wrapped(String factory, String deployment, String signature) {
    String call = padded(deployment.substring(2));
    return "0x"
        + "0".repeat(24)
        + factory.substring(2)
        + word(0x60)
        + word(0x80 + call.length() / 2)
        + word(deployment.length() / 2 - 1)
        + call
        + word(signature.length() / 2 - 1)
        + padded(signature.substring(2))
        + "6492".repeat(16);
  }

  static String word(long number) {
    return "%064x".formatted(number);
  }

  private static String padded(String hex) {
    return hex + "0".repeat(Math.floorMod(-hex.length(), 64));
  }
}
