internal import GRDB
package import Libcrypto
internal import LibcryptoIssuing
package import Licensing
internal import Platform
package import Sealing

/// A key that is to be made.
package struct KeyOrder: Sendable {
  package var role: KeyRole
  package var algorithm: SignatureAlgorithm
  /// Of an RSA key.
  package var bits: Int
  /// nil for ``KeyDates/standard(now:)``.
  package var dates: KeyDates?
  package var constraints: KeyConstraints

  package init(
    role: KeyRole, algorithm: SignatureAlgorithm = .edDSA, bits: Int = 3072,
    dates: KeyDates? = nil, constraints: KeyConstraints = KeyConstraints()
  ) {
    self.role = role
    self.algorithm = algorithm
    self.bits = bits
    self.dates = dates
    self.constraints = constraints
  }

  /// What whoever makes the key should know, in words: what its limits keep from being signed that they
  /// do not name.
  package var remarks: [BilingualText] {
    guard role == .online(.license), constraints.maximumDays != nil, constraints.editions == nil
    else { return [] }
    let endless = Edition.allCases.filter { $0.requirement(of: .term) == .forbidden }
      .map(\.rawValue)
    let flags = endless.map { "--edition \($0)" }.joined(separator: " ")
    return [
      BilingualText(
        "this key signs no \(endless.joined(separator: " and no ")) license: they have no end, and "
          + "--max-days caps the term; for those make another key without --max-days, or one with "
          + flags,
        "此密钥不能签署 \(endless.joined(separator: "、")) 许可证：它们没有期限，而 --max-days 限制了期限；"
          + "请另建不带 --max-days 的密钥，或带 \(flags) 的密钥")
    ]
  }
}

extension Authority {
  /// Makes a key: its private half goes into the registry's `keys` folder, encrypted.
  ///
  /// It signs nothing that anybody believes until a keyset that names it has been published.
  package func newKey(
    _ order: KeyOrder, passphrase: Secret, why: String
  ) throws(AuthorityError) -> KeyRecord {
    let author = try author(why, doing: "a \(order.role.rawValue) key is made")
    let key: VendorKey
    let pem: [UInt8]
    do throws(LibcryptoError) {
      key = try VendorKey.plainlyNamed { () throws(LibcryptoError) in
        try VendorKey.generate(order.algorithm, bits: order.bits)
      }
      pem = try key.encryptedPEM(passphrase: passphrase)
    } catch { throw AuthorityError(error) }
    let record = KeyRecord(
      thumbprint: key.thumbprint, key: key.publicKey, role: order.role,
      dates: order.dates ?? .standard(now: author.at), constraints: order.constraints,
      createdAt: author.at)
    let path = "\(registry.folder)/\(record.pem)"
    do throws(PlatformError) {
      try Files.create(path, with: pem, mode: 0o600)
    } catch { throw AuthorityError(error) }
    do throws(AuthorityError) {
      // What is written could be read again: a key that cannot be opened is worth nothing.
      _ = try open(record, passphrase)
      try registry.write { db in
        try Registry.insert(record, in: db)
        try Registry.append(
          .keyNew, subjects: [record.thumbprint.text], payload: record.json.text, by: author,
          in: db)
      }
    } catch {
      try? Files.remove(path)
      throw error
    }
    return record
  }

  /// The roots as a program takes them: `root.jwks`. Those of the newest keyset, or, before the
  /// first, all root keys of the registry with the threshold that the first keyset would have.
  package func roots() throws(AuthorityError) -> RootKeys {
    if let newest = try registry.keysets().last { return newest.keyset.roots }
    return try plannedRoots(KeysetOrder())
  }
}

extension KeyRecord {
  /// The public half and everything that is fixed about it.
  package var json: JSONValue { .object(members) }

  /// As ``json``, for who adds to it.
  package var members: [JSONMember] {
    [
      JSONMember("thumbprint", thumbprint.json), JSONMember("use", .string(role.rawValue)),
      JSONMember("alg", .string(key.algorithm.rawValue)),
      JSONMember("bits", .integer(key.bits)), JSONMember("jwk", key.jwk),
      JSONMember("from", .integer(from)), JSONMember("through", .integer(through)),
      JSONMember("constraints", constraints.json), JSONMember("pem", .string(pem)),
      JSONMember("retired_at", retiredAt.map { .integer($0) } ?? .null),
      JSONMember(
        "revoked",
        revoked.map { ["at": .integer($0.at), "reason": .string($0.reason)] } ?? .null),
    ]
  }
}
