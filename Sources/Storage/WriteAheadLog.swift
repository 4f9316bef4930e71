internal import Platform

/// The write-ahead log beside a database, as a crash or the disk may have left it.
///
/// SQLite reads it up to the first frame whose checksum does not hold, and takes that for the end: what a
/// power cut tore. Where that frame lies before others that were committed later, it was flushed once and has
/// changed since: every commit after it would be gone without a word.
///
/// Rules, after SQLite's file format (section 4):
/// 1. A frame belongs to the log if it carries the salt of the header; others are of an earlier round.
/// 2. A transaction is written only when the one before it has been flushed. So a torn one is the last, and
///    no frame of a later one can follow.
/// 3. Damage is certain where, behind the first frame that does not hold, a whole commit is followed by
///    a frame that continues it. What cannot be told from a torn end counts as one.
/// 4. The header lies in one sector, and is flushed with the first commit. Where it does not hold, and a commit
///    is followed by a frame that continues it, it has changed since: SQLite would begin the log anew.
enum WriteAheadLog {
  private static let headerSize = 32
  private static let frameHeaderSize = 24

  /// Looks at the log of a database before it is opened.
  /// - Throws: ``StorageError`` `STORE_DAMAGED` naming the first frame that has changed.
  static func requireWhole(besides path: String) throws(StorageError) {
    let log = "\(path)-wal"
    let frame: Int?
    do throws(PlatformError) {
      guard try Files.isThere(log) else { return }
      let bytes = try Files.read(log, maximum: .max)
      frame = firstChange(in: bytes)
      // Another process may have begun the log anew meanwhile: it writes the header first.
      guard frame != nil, try Files.read(log, maximum: .max).starts(with: bytes.prefix(headerSize))
      else { return }
    } catch {
      // Whoever used it last has ended in order meanwhile.
      guard error.code != .notFound else { return }
      throw StorageError(error)
    }
    guard let frame else { return }
    throw StorageError(
      .damaged,
      "\(log) is damaged at frame \(frame): what was committed after it cannot be read; restore the "
        + "folder from a backup, it is not begun anew")
  }

  /// The first frame, from 1, that was flushed and has changed since; nil where there is none for certain.
  static func firstChange(in bytes: [UInt8]) -> Int? {
    guard let reader = Reader(bytes) else { return hasCommits(in: bytes) ? 1 : nil }
    var sum = reader.sum
    var frame = 0
    while let next = reader.sum(of: frame, after: sum) {
      sum = next
      frame += 1
    }
    return reader.hasCommit(behind: frame) ? frame + 1 : nil
  }

  /// Whether a log whose header does not hold has commits, whatever the size of its pages and the order of
  /// its words.
  private static func hasCommits(in bytes: [UInt8]) -> Bool {
    guard bytes.count >= headerSize else { return false }
    return (9...16).contains { power in
      [true, false].contains { Reader(bytes, isBigEndian: $0, pageSize: 1 << power).hasPair }
    }
  }

  /// The frames of a log.
  private struct Reader {
    let bytes: [UInt8]
    let isBigEndian: Bool
    let pageSize: Int
    let salt: ArraySlice<UInt8>
    let sum: (UInt32, UInt32)

    /// - Returns: nil for what has no whole header: SQLite begins such a log anew.
    init?(_ bytes: [UInt8]) {
      guard bytes.count >= headerSize else { return nil }
      self.bytes = bytes
      let magic = Self.word(bytes, at: 0, isBigEndian: true)
      guard magic & ~1 == 0x377f_0682 else { return nil }
      isBigEndian = magic & 1 == 1
      pageSize = Int(Self.word(bytes, at: 8, isBigEndian: true))
      guard (512...65_536).contains(pageSize), pageSize & (pageSize - 1) == 0 else { return nil }
      salt = bytes[16..<24]
      sum = (
        Self.word(bytes, at: 24, isBigEndian: true), Self.word(bytes, at: 28, isBigEndian: true)
      )
      guard Self.sum(bytes, 0..<24, after: (0, 0), isBigEndian) == sum else { return nil }
    }

    /// One of a log whose header says nothing.
    init(_ bytes: [UInt8], isBigEndian: Bool, pageSize: Int) {
      self.bytes = bytes
      self.isBigEndian = isBigEndian
      self.pageSize = pageSize
      salt = []
      sum = (0, 0)
    }

    /// Whether a commit is followed by a frame of its own round that continues it.
    var hasPair: Bool {
      var frame = 0
      while let start = start(of: frame), let next = self.start(of: frame + 1) {
        let isCommit = Self.word(bytes, at: start + 4, isBigEndian: true) != 0
        if isCommit, bytes[start + 8..<start + 16] == bytes[next + 8..<next + 16],
          holds(next, after: stored(in: start))
        {
          return true
        }
        frame += 1
      }
      return false
    }

    private func holds(_ start: Int, after sum: (UInt32, UInt32)) -> Bool {
      let head = Self.sum(bytes, start..<start + 8, after: sum, isBigEndian)
      let data = start + frameHeaderSize
      return Self.sum(bytes, data..<data + pageSize, after: head, isBigEndian) == stored(in: start)
    }

    private func start(of frame: Int) -> Int? {
      let start = headerSize + frame * (frameHeaderSize + pageSize)
      return start + frameHeaderSize + pageSize <= bytes.count ? start : nil
    }

    /// The checksum up to and with a frame; nil where it is not there or does not hold.
    func sum(of frame: Int, after sum: (UInt32, UInt32)) -> (UInt32, UInt32)? {
      guard let start = start(of: frame), bytes[start + 8..<start + 16] == salt else { return nil }
      let head = Self.sum(bytes, start..<start + 8, after: sum, isBigEndian)
      let data = start + frameHeaderSize
      let whole = Self.sum(bytes, data..<data + pageSize, after: head, isBigEndian)
      return whole == stored(in: start) ? whole : nil
    }

    private func stored(in start: Int) -> (UInt32, UInt32) {
      (
        Self.word(bytes, at: start + 16, isBigEndian: true),
        Self.word(bytes, at: start + 20, isBigEndian: true)
      )
    }

    /// Whether a frame holds, if the one before it is what its own header says.
    private func continues(_ frame: Int) -> Bool {
      guard let before = start(of: frame - 1) else { return false }
      return sum(of: frame, after: stored(in: before)) != nil
    }

    /// Whether a whole commit and a frame after it stand behind a frame.
    func hasCommit(behind frame: Int) -> Bool {
      var next = frame + 1
      while let start = start(of: next), self.start(of: next + 1) != nil {
        let isCommit = Self.word(bytes, at: start + 4, isBigEndian: true) != 0
        if isCommit && continues(next) && continues(next + 1) { return true }
        next += 1
      }
      return false
    }

    private static func word(_ bytes: [UInt8], at place: Int, isBigEndian: Bool) -> UInt32 {
      let word =
        UInt32(bytes[place]) << 24 | UInt32(bytes[place + 1]) << 16
        | UInt32(bytes[place + 2]) << 8 | UInt32(bytes[place + 3])
      return isBigEndian ? word : word.byteSwapped
    }

    private static func sum(
      _ bytes: [UInt8], _ range: Range<Int>, after sum: (UInt32, UInt32), _ isBigEndian: Bool
    ) -> (UInt32, UInt32) {
      var (first, second) = sum
      for place in stride(from: range.lowerBound, to: range.upperBound, by: 8) {
        first &+= word(bytes, at: place, isBigEndian: isBigEndian) &+ second
        second &+= word(bytes, at: place + 4, isBigEndian: isBigEndian) &+ first
      }
      return (first, second)
    }
  }
}
