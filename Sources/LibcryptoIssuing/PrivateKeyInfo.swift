internal import CLibcrypto
internal import Libcrypto

/// Makes a key of a decrypted PKCS#8 structure (RFC 5958), and overwrites every byte that it copies.
///
/// OpenSSL's own decoder leaves the encoded key in memory that it has freed (seen with 3.0: one copy
/// for `EVP_PKCS82PKEY`, two for a PEM), so the two kinds of key used here are taken apart by hand.
enum PrivateKeyInfo {
  /// - Returns: nil for another kind of key than Ed25519 (RFC 8410) and RSA (RFC 8017), or one that is
  ///   not well formed.
  static func key(of info: OpaquePointer) -> EVPKey? {
    var object: OpaquePointer?
    var start: UnsafePointer<UInt8>?
    var count: Int32 = 0
    guard unsafe PKCS8_pkey_get0(&object, &start, &count, nil, info) == 1, count > 0,
      let start = unsafe start
    else {
      return nil
    }
    let bytes = unsafe Span(_unsafeStart: start, count: Int(count))
    switch unsafe OBJ_obj2nid(object) {
    case NID_ED25519: return ed25519(bytes)
    case NID_rsaEncryption: return rsa(bytes)
    default: return nil
    }
  }

  /// An OCTET STRING of 32 bytes.
  private static func ed25519(_ bytes: Span<UInt8>) -> EVPKey? {
    guard bytes.count == 34, bytes[0] == 0x04, bytes[1] == 32 else { return nil }
    return unsafe bytes.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return nil }
      return unsafe EVPKey(
        owning: EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, start + 2, 32))
    }
  }

  /// The numbers of an RSAPrivateKey after its version, by the names that OpenSSL has for them.
  static let names: [StaticString] = [
    "n", "e", "d", "rsa-factor1", "rsa-factor2", "rsa-exponent1", "rsa-exponent2",
    "rsa-coefficient1",
  ]

  private static func rsa(_ bytes: Span<UInt8>) -> EVPKey? {
    var outer = DERCursor(0..<bytes.count)
    guard let content = outer.element(0x30, of: bytes), outer.isAtEnd else { return nil }
    var inner = DERCursor(content)
    guard let version = inner.element(0x02, of: bytes), version.count == 1,
      bytes[version.lowerBound] == 0
    else { return nil }
    var numbers: [Range<Int>] = []
    for _ in names {
      guard let number = inner.element(0x02, of: bytes), (1...1025).contains(number.count),
        bytes[number.lowerBound] & 0x80 == 0
      else { return nil }
      numbers.append(number)
    }
    return inner.isAtEnd ? key(numbers, of: bytes) : nil
  }

  /// Hands the numbers over in the byte order of the machine, from memory that is overwritten.
  private static func key(_ numbers: [Range<Int>], of bytes: Span<UInt8>) -> EVPKey? {
    let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count)
    unsafe copy.initialize(repeating: 0, count: bytes.count)
    defer {
      unsafe OPENSSL_cleanse(copy, bytes.count)
      unsafe copy.deallocate()
    }
    let isLittle = Int(littleEndian: 1) == 1
    var parameters: [OSSL_PARAM] = unsafe []
    for (name, number) in zip(names, numbers) {
      for (offset, index) in number.enumerated() {
        let place = isLittle ? number.upperBound - 1 - offset : index
        unsafe copy[place] = bytes[index]
      }
      let text = unsafe UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
      unsafe parameters.append(
        OSSL_PARAM_construct_BN(text, copy + number.lowerBound, number.count))
    }
    unsafe parameters.append(OSSL_PARAM_construct_end())
    return unsafe key(&parameters)
  }

  private static func key(_ parameters: inout [OSSL_PARAM]) -> EVPKey? {
    guard let context = unsafe EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nil) else { return nil }
    defer { unsafe EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    // 0x87: the whole key pair, EVP_PKEY_KEYPAIR.
    guard unsafe EVP_PKEY_fromdata_init(context) == 1,
      unsafe EVP_PKEY_fromdata(context, &key, 0x87, &parameters) == 1
    else { return nil }
    return unsafe EVPKey(owning: key)
  }
}

/// Walks over definite-length DER elements (X.690).
private struct DERCursor {
  private var rest: Range<Int>

  init(_ range: Range<Int>) { rest = range }

  var isAtEnd: Bool { rest.isEmpty }

  private mutating func next(of bytes: Span<UInt8>) -> UInt8? {
    guard let index = rest.first else { return nil }
    rest = (index + 1)..<rest.upperBound
    return bytes[index]
  }

  /// Where the content of the next element lies, nil unless it has that tag and lies within the rest.
  mutating func element(_ tag: UInt8, of bytes: Span<UInt8>) -> Range<Int>? {
    guard next(of: bytes) == tag, let first = next(of: bytes) else { return nil }
    var count = Int(first)
    if first & 0x80 != 0 {
      let digits = first & 0x7F
      guard (1...3).contains(digits) else { return nil }
      count = 0
      for _ in 0..<digits {
        guard let digit = next(of: bytes) else { return nil }
        count = count << 8 | Int(digit)
      }
    }
    guard count <= rest.count else { return nil }
    let content = rest.lowerBound..<(rest.lowerBound + count)
    rest = content.upperBound..<rest.upperBound
    return content
  }
}
