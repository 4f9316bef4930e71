/// What was built.
package enum BuildInfo {
  /// The version of all programs.
  package static let version = "1.0.0"
}
