package import Sealing

/// What an installation hands to a courier in place of dialling its gateway: sealed documents as they
/// are, as armour blocks of one file.
///
/// Rules:
/// 1. LICENSE and ENROLMENT stand together, where the installation is to be activated.
/// 2. USAGE blocks stand in the order of the chain. ALIVE, after them, is of its end.
/// 3. All that the installation sealed is of one installation.
package struct ReportBundle: Sendable, Equatable {
  /// The largest file, in bytes.
  package static let maximumSize = 64 * 1024 * 1024
  /// What one report carries of a bundle, in bytes of its documents; less than a gateway takes.
  private static let reportSize = 4 * 1024 * 1024

  /// Whose it is, as the headers say: nothing has been verified.
  package let installation: Thumbprint
  package let activation: ActivationRequest?
  package let records: [String]
  package let alive: String?

  package init(
    installation: Thumbprint, activation: ActivationRequest?, records: [String], alive: String?
  ) {
    self.installation = installation
    self.activation = activation
    self.records = records
    self.alive = alive
  }

  /// Reads a bundle's file.
  /// - Throws: ``Refusal`` `DAMAGED`, `WRONG_KIND` for a block that has no place in a bundle,
  ///   `MALFORMED`.
  package init(file: [UInt8]) throws(Refusal) {
    var license: String?
    var enrolment: String?
    var alive: String?
    var records: [String] = []
    var owner: Thumbprint?
    for block in try Armour.read(file) {
      switch block.kind {
      case .license: try Self.put(block, into: &license)
      case .enrolment: try Self.put(block, into: &enrolment)
      case .alive: try Self.put(block, into: &alive)
      case .usage: records.append(block.document)
      case .keyset, .revocations, .release, .activation, .receipt, .decision, .statement:
        throw Refusal(
          .wrongKind,
          "a \(block.kind.label) block has no place in a bundle: give the file that tally-verifier "
            + "usage export made")
      }
      guard block.kind != .license else { continue }
      let document = try UnverifiedDocument(Array(block.document.utf8), as: block.kind)
      guard owner == nil || owner == document.header.key else {
        throw .malformed("the bundle holds documents of several installations: give one at a time")
      }
      owner = document.header.key
    }
    guard let owner else {
      throw Refusal(
        .wrongKind,
        "the file holds nothing of an installation: give the file that tally-verifier usage export "
          + "made")
    }
    installation = owner
    self.records = records
    self.alive = alive
    switch (license, enrolment) {
    case (let license?, let enrolment?):
      activation = ActivationRequest(license: license, enrolment: enrolment)
    case (nil, nil): activation = nil
    case (.some, nil), (nil, .some):
      throw .malformed("LICENSE and ENROLMENT must stand together: export the bundle again")
    }
  }

  private static func put(
    _ block: ArmourBlock, into place: inout String?
  ) throws(Refusal) {
    guard place == nil else {
      throw .malformed("the bundle holds two \(block.kind.label) blocks: give one at a time")
    }
    place = block.document
  }

  /// The bundle's file.
  package var file: String {
    var blocks: [ArmourBlock] = []
    if let activation {
      blocks.append(ArmourBlock(kind: .license, document: activation.license))
      blocks.append(ArmourBlock(kind: .enrolment, document: activation.enrolment))
    }
    blocks += records.map { ArmourBlock(kind: .usage, document: $0) }
    if let alive { blocks.append(ArmourBlock(kind: .alive, document: alive)) }
    return Armour.write(blocks)
  }

  /// The reports that the bundle comes to, in order: the same bundle always the same ones.
  package var reports: [ReportRequest] {
    var reports: [ReportRequest] = []
    var part: [String] = []
    var size = 0
    for record in records {
      if part.count == ReportRequest.maximumRecords || size + record.utf8.count > Self.reportSize {
        reports.append(ReportRequest(installation: installation, records: part))
        part = []
        size = 0
      }
      part.append(record)
      size += record.utf8.count
    }
    if !part.isEmpty { reports.append(ReportRequest(installation: installation, records: part)) }
    if let alive {
      reports.append(ReportRequest(installation: installation, records: [], alive: alive))
    }
    return reports
  }
}

/// What the gateway's side hands back for a bundle, as armour blocks of one file: everything in it is
/// verified as if it had come by wire.
package struct BundleAnswer: Sendable, Equatable {
  package var activation: String?
  /// In the order of the reports.
  package var receipts: [String]
  package var delivery: Delivery

  package init(
    activation: String? = nil, receipts: [String] = [], delivery: Delivery = Delivery()
  ) {
    self.activation = activation
    self.receipts = receipts
    self.delivery = delivery
  }

  /// Whether the answer acknowledges anything.
  package var isEmpty: Bool { activation == nil && receipts.isEmpty }

  /// Reads an answer's file.
  /// - Throws: ``Refusal`` `DAMAGED`, `WRONG_KIND` for a block that has no place in an answer,
  ///   `MALFORMED`.
  package init(file: [UInt8]) throws(Refusal) {
    self.init()
    var keysets: [String] = []
    var licenses: [String] = []
    var revocations: String?
    for block in try Armour.read(file) {
      switch block.kind {
      case .keyset: keysets.append(block.document)
      case .license: licenses.append(block.document)
      case .revocations: revocations = block.document
      case .receipt: receipts.append(block.document)
      case .activation:
        guard activation == nil else { throw .malformed("the answer holds two activations") }
        activation = block.document
      case .usage, .alive, .enrolment:
        throw Refusal(
          .wrongKind, "this is a bundle, not its answer: give it to tally-gateway import first")
      case .release, .decision, .statement:
        throw Refusal(.wrongKind, "a \(block.kind.label) block has no place in an answer")
      }
    }
    guard !isEmpty else {
      throw Refusal(
        .wrongKind,
        "the file holds neither RECEIPT nor ACTIVATION: give the file that "
          + "tally-gateway import made")
    }
    delivery = Delivery(licenses: licenses, keysets: keysets, revocations: revocations)
  }

  /// The answer's file.
  package var file: String {
    var blocks = delivery.keysets.map { ArmourBlock(kind: .keyset, document: $0) }
    if let revocations = delivery.revocations {
      blocks.append(ArmourBlock(kind: .revocations, document: revocations))
    }
    blocks += delivery.licenses.map { ArmourBlock(kind: .license, document: $0) }
    if let activation { blocks.append(ArmourBlock(kind: .activation, document: activation)) }
    blocks += receipts.map { ArmourBlock(kind: .receipt, document: $0) }
    return Armour.write(blocks)
  }

  /// Whom the answer is for, as it says itself: nothing has been verified.
  /// - Returns: nil where that cannot be read, or not everything is for one.
  package var addressee: Thumbprint? {
    var names: Set<Thumbprint> = []
    for receipt in receipts {
      guard let name = Self.payload(receipt, .receipt)?["installation"] else { return nil }
      guard let installation = name.string.flatMap({ Thumbprint($0) }) else { return nil }
      names.insert(installation)
    }
    if let activation {
      guard let name = Self.payload(activation, .activation)?["cnf"]?["jkt"],
        let installation = name.string.flatMap({ Thumbprint($0) })
      else { return nil }
      names.insert(installation)
    }
    return names.count == 1 ? names.first : nil
  }

  private static func payload(_ text: String, _ kind: DocumentKind) -> JSONValue? {
    (try? UnverifiedDocument(Array(text.utf8), as: kind)).flatMap {
      try? JSONScanner.scan($0.payload, maximumDepth: SealedLimits.depth)
    }
  }
}
