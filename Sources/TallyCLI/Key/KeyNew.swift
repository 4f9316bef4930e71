internal import ArgumentParser
internal import Authority
internal import CivilTime
internal import Libcrypto
internal import Licensing
internal import Sealing
internal import Terminal

/// Makes a key pair.
struct KeyNew: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Make a key; its private half is stored encrypted.",
    discussion: """
      Prints the key's thumbprint. The private half is REGISTRY/keys/THUMBPRINT.pem: PKCS#8, \
      encrypted with the passphrase, mode 0600. Nobody believes the key until "tally keyset \
      publish" has named it. The first key makes the registry.

      Without dates an online key signs from a day ago, so that a gateway whose clock is behind \
      can use it at once, through five years. The other limits cap what it can do should it be \
      stolen.

      With --out a root key is made in a file of its own, on a machine that needs no registry: \
      "tally key export" then writes its public half.

      Example: tally key new --use root --out root-a.pem --passphrase-file P

      Example: tally key new --use license --max-days 1100 --registry /srv/registry \
      --passphrase-file P
      """)

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var passphrase: PassphraseOptions
  @OptionGroup var why: WhyOption
  @OptionGroup var format: FormatOption

  @Option(help: "What the key signs: root keys sign keysets.")
  var use: KeyRole

  @Option(help: "The algorithm: Ed25519 or RSA-PSS.")
  var algorithm: SignatureAlgorithm = .edDSA

  @Option(help: "Bits of a PS256 key, 3072 to 4096.")
  var bits: Int?

  @Option(help: ArgumentHelp("First date, in UTC, that it signs.", valueName: "YYYY-MM-DD"))
  var from: CivilDate?

  @Option(help: ArgumentHelp("Last date, in UTC, that it signs.", valueName: "YYYY-MM-DD"))
  var through: CivilDate?

  @Option(help: ArgumentHelp("A product that it may sign for; repeatable.", valueName: "name"))
  var product: [String] = []

  @Option(help: ArgumentHelp("An edition that it may license; repeatable."))
  var edition: [Edition] = []

  @Option(
    help: ArgumentHelp(
      "The most days that it may license, from issue or an earlier begin through the end of grace.",
      valueName: "days"))
  var maxDays: Int64?

  @Option(
    help: ArgumentHelp(
      "The most collectors that it may license; each license then needs a limit that refuses.",
      valueName: "n"))
  var maxCollectors: Int64?

  @Option(
    help: ArgumentHelp(
      "Make a root key in this file instead of in a registry; it must not exist.",
      valueName: "file"))
  var out: String?

  func validate() throws {
    if out != nil {
      guard use == .root else { throw ValidationError("--out is for --use root") }
      guard registry.registry == nil else {
        throw ValidationError("a root key goes into a registry or into --out, not both")
      }
      guard why.why.isEmpty else {
        throw ValidationError("--why is for the audit log of a registry, --out has none")
      }
    }
    if let bits {
      guard algorithm == .ps256 else { throw ValidationError("--bits is for --algorithm PS256") }
      guard (3072...4096).contains(bits) else {
        throw ValidationError("--bits must be from 3072 to 4096")
      }
    }
    for (flag, value) in [("--max-days", maxDays), ("--max-collectors", maxCollectors)] {
      guard value.map({ $0 >= 1 && SealedLimits.counts.contains($0) }) ?? true else {
        throw ValidationError("\(flag) must be 1 or more")
      }
    }
    let isLimited = from != nil || through != nil || constraints != KeyConstraints()
    guard use != .root || !isLimited else {
      throw ValidationError("a root key has no dates and no limits: leave them out")
    }
  }

  private var constraints: KeyConstraints {
    KeyConstraints(
      products: product.isEmpty ? nil : product,
      editions: edition.isEmpty ? nil : edition.map(\.rawValue), maximumDays: maxDays,
      maximumCollectors: maxCollectors)
  }

  private func dates(_ now: Int64) throws -> KeyDates {
    let standard = KeyDates.standard(now: now)
    let dates = KeyDates(
      from: from.map { Zone.utc.day(of: $0).lowerBound } ?? standard.from,
      through: through.map { Zone.utc.day(of: $0).upperBound - 1 } ?? standard.through)
    guard let dates else { throw ValidationError("--from lies after --through") }
    return dates
  }

  func run() throws {
    let secret = try passphrase.read()
    if let out { return try makeFile(out, secret) }
    let authority = try registry.open(for: .make)
    let order = KeyOrder(
      role: use, algorithm: algorithm, bits: bits ?? 3072, dates: try dates(try authority.now()),
      constraints: constraints)
    let key = try authority.newKey(order, passphrase: secret, why: why.why)
    switch format.format {
    case .json:
      Output.data(
        .object(
          key.members + [JSONMember("remarks", .array(order.remarks.map { .string($0.english) }))]))
    case .text:
      Output.data(key.thumbprint.text)
      for remark in order.remarks { Output.talk("tally: \(remark.spoken)") }
      let path = "\(authority.registry.folder)/\(key.pem)"
      Output.talk("the private key is \(path): keep a copy of it", "私钥是 \(path)：请保存一份副本")
    }
  }

  private func makeFile(_ out: String, _ secret: Secret) throws {
    let key = try KeyFile.make(out, algorithm, bits: bits ?? 3072, passphrase: secret)
    let name = key.thumbprint(using: LibcryptoProvider())
    switch format.format {
    case .json:
      Output.data([
        "thumbprint": name.json, "use": "root", "alg": .string(key.algorithm.rawValue),
        "bits": .integer(key.bits), "jwk": key.jwk, "pem": .string(out),
      ])
    case .text:
      Output.data(name.text)
      Output.talk(
        "the private key is \(out): keep a copy of it; \"tally key export\" writes its "
          + "public half", "私钥是 \(out)：请保存一份副本；\"tally key export\" 可写出公钥")
    }
  }
}
