internal import Libcrypto
internal import Licensing
internal import Platform
internal import Sealing
internal import Serving

extension VerifierMetrics {
  /// Declares what is told of reports, of the lease, of files and of the program.
  func declareReporting() {
    registry.declare("tally_build_info", .gauge, "Always 1; the version and the vendor's root.")
    registry.declare("tally_license_revision", .gauge, "Revision in force; 0 without a license.")
    registry.declare(
      "tally_lease_seconds", .gauge, "Seconds until the lease ends; -1 without a lease.")
    registry.declare(
      "tally_reports_total", .counter, "Attempts to report since the start, by their outcome.")
    registry.declare("tally_report_last", .gauge, "1 for the outcome of the latest attempt.")
    registry.declare(
      "tally_report_halted", .gauge, "1 while the gateway has another history than the ledger.")
    registry.declare(
      "tally_spool_age_seconds", .gauge, "Age of the oldest record without a receipt; 0 for none.")
    registry.declare("tally_standing_written", .gauge, "1 when the standing file is up to date.")
    registry.declare("tally_journal_commits_total", .counter, "Commits of the journal.")
    registry.declare(
      "tally_journal_commit_milliseconds_total", .counter, "Time spent in commits of the journal.")
    registry.declare("tally_files_refused", .gauge, "Files not taken: license, settings.")
  }
}

extension ControlDesk {
  /// Brings the gauges of reports, lease, files and program up to the present.
  func measureReporting(_ metrics: VerifierMetrics) async throws(VerifierError) {
    let registry = metrics.registry
    let post = (installation, reporter, standing)
    let content = await post.0.shelf.content
    let now = post.0.time.now ?? 0
    let current = try post.0.surroundings.current(of: content, at: now)
    let root =
      content.trust?.root
      ?? post.0.surroundings.roots.thumbprint(using: LibcryptoProvider())
    registry.set(
      .init("tally_build_info", ["version": BuildInfo.version, "root": root.text]), to: 1)
    metrics.set("tally_license_revision", current?.license.payload.revision ?? 0)
    metrics.set(
      "tally_lease_seconds", content.leaseEnds(under: current).map { max(0, $0 - now) } ?? -1)
    metrics.set("tally_report_halted", await post.1.halt == nil ? 0 : 1)
    metrics.set("tally_standing_written", await post.2.isWritten ? 1 : 0)
    try await measureReports(post.0, metrics)
    if let commits = counting?.commits {
      metrics.set("tally_journal_commits_total", commits.count)
      metrics.set("tally_journal_commit_milliseconds_total", commits.milliseconds)
    }
    for kind in WatchedFiles.Kind.allCases {
      registry.set(
        .init("tally_files_refused", ["file": kind.rawValue]), to: files.refused(kind))
    }
  }

  private func measureReports(
    _ installation: Installation, _ metrics: VerifierMetrics
  ) async throws(VerifierError) {
    let registry = metrics.registry
    let last = try await installation.ledger.runs(limit: 1).first?.outcome
    let counts = tally.byOutcome
    for (outcome, count) in counts {
      registry.set(.init("tally_reports_total", ["outcome": outcome]), to: count)
    }
    for outcome in Set(counts.keys).union([last].compactMap { $0 }) {
      registry.set(
        .init("tally_report_last", ["code": outcome]), to: outcome == last ? 1 : 0)
    }
    let through = try await installation.ledger.receipts().through
    let oldest = try await installation.ledger.records(from: through + 1, limit: 1).first
    let now = installation.time.wall ?? 0
    metrics.set("tally_spool_age_seconds", oldest.map { max(0, now - $0.at) } ?? 0)
  }
}
