internal import CLibcrypto
internal import Libcrypto
internal import Sealing

extension PrivateKeyInfo {
  /// The PKCS#8 structure of a key, for encrypting; freeing it overwrites the key's bytes.
  ///
  /// Written by hand for the reason given above: `EVP_PKEY2PKCS8` leaves a copy behind.
  /// - Returns: what the caller frees with `PKCS8_PRIV_KEY_INFO_free`; nil where OpenSSL fails.
  static func structure(
    of key: EVPKey, _ algorithm: SignatureAlgorithm
  ) -> OpaquePointer? {
    guard let info = unsafe PKCS8_PRIV_KEY_INFO_new() else { return nil }
    let isDone =
      switch algorithm {
      case .edDSA: unsafe setEd25519(key, in: info)
      case .ps256: unsafe setRSA(key, in: info)
      }
    guard isDone else {
      unsafe PKCS8_PRIV_KEY_INFO_free(info)
      return nil
    }
    return unsafe info
  }

  /// Hands content to the structure, which frees and overwrites it from then on.
  private static func set(
    _ content: UnsafeMutableBufferPointer<UInt8>, as kind: Int32, parameters: Int32,
    in info: OpaquePointer
  ) -> Bool {
    let isSet =
      unsafe PKCS8_pkey_set0(
        info, OBJ_nid2obj(kind), 0, parameters, nil, content.baseAddress, Int32(content.count)) == 1
    if !isSet { unsafe CRYPTO_clear_free(content.baseAddress, content.count, nil, 0) }
    return isSet
  }

  /// Memory that OpenSSL may free.
  private static func allocate(_ count: Int) -> UnsafeMutableBufferPointer<UInt8>? {
    guard let memory = unsafe CRYPTO_zalloc(count, nil, 0) else { return nil }
    return unsafe UnsafeMutableBufferPointer(
      start: memory.assumingMemoryBound(to: UInt8.self), count: count)
  }

  private static func setEd25519(_ key: EVPKey, in info: OpaquePointer) -> Bool {
    guard let content = unsafe allocate(34), let start = content.baseAddress else { return false }
    unsafe content[0] = 0x04
    unsafe content[1] = 32
    var length = 0
    let isRead = unsafe key.withPointer {
      unsafe EVP_PKEY_get_octet_string_param($0, "priv", start + 2, 32, &length) == 1
    }
    guard isRead, length == 32 else {
      unsafe CRYPTO_clear_free(start, 34, nil, 0)
      return false
    }
    // RFC 8410: the algorithm has no parameters.
    return unsafe set(content, as: NID_ED25519, parameters: V_ASN1_UNDEF, in: info)
  }

  private static func setRSA(_ key: EVPKey, in info: OpaquePointer) -> Bool {
    var numbers: [OpaquePointer] = unsafe []
    defer { for index in unsafe numbers.indices { unsafe BN_clear_free(numbers[index]) } }
    for name in names {
      var number: OpaquePointer?
      let isRead = unsafe key.withPointer {
        unsafe EVP_PKEY_get_bn_param($0, name.description, &number) == 1
      }
      guard isRead, let number = unsafe number else { return false }
      unsafe numbers.append(number)
    }
    // Each number is written as an INTEGER with a zero before a first bit that is set.
    let sizes = unsafe numbers.indices.map { unsafe Int(BN_num_bits(numbers[$0])) / 8 + 1 }
    let body = sizes.reduce(3) { $0 + DERLength.header($1).count + $1 }
    let outer = DERLength.header(body, tag: 0x30)
    guard let content = unsafe allocate(outer.count + body), let start = content.baseAddress else {
      return false
    }
    var next = 0
    func put(_ bytes: [UInt8]) {
      for byte in bytes {
        unsafe content[next] = byte
        next += 1
      }
    }
    put(outer + [0x02, 0x01, 0x00])
    for index in sizes.indices {
      put(DERLength.header(sizes[index]))
      guard unsafe BN_bn2binpad(numbers[index], start + next, Int32(sizes[index])) > 0 else {
        unsafe CRYPTO_clear_free(start, content.count, nil, 0)
        return false
      }
      next += sizes[index]
    }
    return unsafe set(content, as: NID_rsaEncryption, parameters: V_ASN1_NULL, in: info)
  }
}

/// The tag and length before DER content (X.690 section 8.1.3).
private enum DERLength {
  static func header(_ count: Int, tag: UInt8 = 0x02) -> [UInt8] {
    if count < 0x80 { return [tag, UInt8(count)] }
    if count < 0x100 { return [tag, 0x81, UInt8(count)] }
    return [tag, 0x82, UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF)]
  }
}
