internal import CivilTime
package import Licensing
package import Logging
internal import Sealing
internal import StartupCheck
internal import Synchronization

/// Judges again and again, and keeps the file `standing` in step.
package actor StandingKeeper {
  /// The newest judgement.
  package private(set) var judgement: Judgement
  /// Whether the file on the disk is the newest.
  package private(set) var isWritten = false
  /// Whether pushes are to be refused: the license has its verdict enforced at the intake, and it
  /// denies for more than `RELEASE_UNKNOWN`: what the verifier was not told speaks against nobody.
  package nonisolated var deniesIntake: Bool { denial.load(ordering: .acquiring) }

  private nonisolated let denial = Atomic(false)
  private let installation: Installation
  private let findings: OwnFindings
  private let file: StandingFile
  private let logger: Logger
  private var last: StandingDocument?
  private var seen = 0
  /// Whether it was said that the intake cannot enforce what the release says.
  private var isWarned = false

  package init(_ installation: Installation, findings: OwnFindings, logger: Logger) {
    self.installation = installation
    self.findings = findings
    self.logger = logger
    file = StandingFile(installation.folder.standing)
    judgement = .verdict(Verdict([]))
  }

  /// Judges the present, and replaces the file if anything in it changed.
  /// - Parameters:
  ///   - view: the counter, nil where nothing is counted.
  ///   - writes: whether the file is replaced; who only asks leaves it as it is.
  @discardableResult
  package func refresh(_ view: MeterView?, writes: Bool = true) async -> Judgement {
    let (content, version) = await installation.shelf.snapshot
    // While this waited a newer one may have been judged.
    guard version >= seen else { return judgement }
    seen = version
    installation.time.raise(to: content.newestSignature)
    let floor = installation.time.floor
    let zone = (try? surroundings.working(of: content, at: installation.time.now))?.zone ?? .utc
    let own = findings.all(view, clock: installation.time.finding, zone: zone)
    var dossier = content.dossier
    dossier.standing?.floor = floor
    dossier.standing?.findings = own
    judgement = dossier.judge(
      running: surroundings.running, clock: surroundings.wall,
      zones: surroundings.zones)
    deny(content, judgement)
    guard writes else { return judgement }
    write(
      content.standing(written: installation.time.wall ?? 0, floor: floor, findings: own))
    return judgement
  }

  private func deny(_ content: ShelfContent, _ judgement: Judgement) {
    guard let license = try? surroundings.working(of: content, at: installation.time.now) else {
      return
    }
    var reasons: Set<FindingCode> = []
    if license.payload.enforce == .intake, case .verdict(let verdict) = judgement {
      reasons = Set(verdict.findings.filter { $0.severity == .deny }.map(\.code))
    }
    denial.store(!reasons.subtracting([.releaseUnknown]).isEmpty, ordering: .releasing)
    guard reasons.contains(.releaseUnknown) else {
      isWarned = false
      return
    }
    guard !isWarned else { return }
    isWarned = true
    logger.warning(
      """
      the license is enforced at the intake, but not what it says of releases: say what runs with the \
      settings release and running
      """)
  }

  private var surroundings: Surroundings { installation.surroundings }

  private func write(_ document: StandingDocument) {
    var comparable = document
    comparable.written = last?.written ?? 0
    guard comparable != last || !isWritten else { return }
    do throws(StartupCheckError) {
      try file.replace(with: document)
      last = document
      isWritten = true
    } catch {
      isWritten = false
      logger.error("the standing cannot be written", metadata: ["cause": "\(error.message)"])
      // Without space it is written later; a disk that fails is not written to again.
      guard error.isFault else { return }
      findings.fail(VerifierError(.stateUnusable, "the standing: \(error.message)"))
    }
  }
}
