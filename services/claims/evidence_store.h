// Evidence on disk (CLM-02): each file under its SHA-256, so that the same content is one file.
//
// A file comes in three steps, so that a crash at any moment leaves either nothing that counts or
// all of it: it is written and checked under evidence/incoming; then placed, under
// evidence/<first two digits>/<SHA-256>, its incoming name staying beside it as the mark of an
// upload that is not recorded yet; then, when the record of the claim is on disk, the mark goes.
// Marks that stay behind are what Sweep looks at.
//
// Photos and videos are people's data (SYS-09): files are readable by the service's own user only.
// All functions block for file I/O. Thread-safe, except that one IncomingFile or OutgoingFile belongs
// to one thread at a time. One process works on a folder at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "makegood/claims/v1/claims.pb.h"
#include "services/claims/content.h"

namespace makegood::services {

// A file descriptor that is closed in time.
class OpenFile {
 public:
  explicit OpenFile(int fd = -1) : fd_(fd) {}
  OpenFile(OpenFile&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  OpenFile& operator=(OpenFile&& other) noexcept;
  ~OpenFile();

  int fd() const { return fd_; }

 private:
  int fd_;
};

// What an upload announced, and what its claim's policy takes.
struct ExpectedFile {
  int64_t size_bytes = 0;
  std::string sha256;  // in hexadecimal digits, or empty
  int64_t max_file_bytes = 0;
  std::vector<std::string> types;  // as libmagic names them
};

class EvidenceStore;

// One upload. What is not settled as kept or left goes when it does, and leaves nothing behind.
class IncomingFile {
 public:
  ~IncomingFile();
  IncomingFile(const IncomingFile&) = delete;
  IncomingFile& operator=(const IncomingFile&) = delete;

  // The next bytes. Refused under CLM-02 as soon as it is known: more than announced, not of an
  // accepted type. UNAVAILABLE if the disk does not take them. After an error: nothing more.
  absl::Status Append(absl::string_view bytes);

  // The end: checks size, digest, type and wholeness (CLM-02), makes it durable and places it.
  // `time` of the evidence stays empty.
  absl::StatusOr<claims::v1::Evidence> Finish();

  // A claim refers to it, on disk.
  void Keep();
  // Not known whether one does: the next sweep will tell.
  void Leave();

 private:
  friend class EvidenceStore;
  IncomingFile(EvidenceStore& store, ExpectedFile expected, OpenFile file, std::string path);

  absl::Status CheckType();

  EvidenceStore& store_;
  const ExpectedFile expected_;
  OpenFile file_;
  std::string path_;  // under incoming
  struct Digest;
  std::unique_ptr<Digest> digest_;
  int64_t size_ = 0;
  std::string head_;
  std::string content_type_;
  std::string evidence_id_;  // once placed
  bool settled_ = false;
};

// A file that is read back, in pieces.
class OutgoingFile {
 public:
  explicit OutgoingFile(OpenFile file) : file_(std::move(file)) {}

  // The next bytes, at most `most`; empty at the end.
  absl::StatusOr<std::string> Read(size_t most);

 private:
  OpenFile file_;
};

class EvidenceStore {
 public:
  // `folder` is made when it is first needed.
  explicit EvidenceStore(std::string folder) : folder_(std::move(folder)) {}
  EvidenceStore(const EvidenceStore&) = delete;
  EvidenceStore& operator=(const EvidenceStore&) = delete;

  // Refused under CLM-02 if the announced size is too large already. UNAVAILABLE if the folder cannot be
  // made or takes no file.
  absl::StatusOr<std::unique_ptr<IncomingFile>> Begin(ExpectedFile expected);

  // DATA_LOSS if it is not there.
  absl::StatusOr<OutgoingFile> Read(absl::string_view evidence_id) const;

  // Removes a file that `is_needed` denies; where it cannot say, the file stays and that is returned. One
  // that is just being uploaded goes when the upload ends without keeping it. OK where there is no such file.
  absl::Status Remove(const std::string& evidence_id, absl::FunctionRef<absl::StatusOr<bool>()> is_needed);

  // Removes what uploads that never ended left behind more than `age` ago: unfinished files, and
  // placed ones that `is_needed` (does any claim refer to this evidence_id?) denies. Where it cannot
  // say, the file stays. Returns how many files went.
  absl::StatusOr<int> Sweep(absl::Duration age,
                            const std::function<absl::StatusOr<bool>(const std::string&)>& is_needed);

 private:
  friend class IncomingFile;

  std::string IncomingFolder() const;
  std::string FolderOf(absl::string_view evidence_id) const;
  std::string PathOf(absl::string_view evidence_id) const;

  // Puts the finished file `incoming` under its id as well; counts its upload as one that uses it.
  absl::Status Place(const std::string& incoming, const std::string& evidence_id);
  // An upload of it has ended; the last one removes the file if none of them kept it and it had not
  // been there before.
  void Release(const std::string& evidence_id, bool kept);

  // Uploads of one content that are placed and not settled.
  struct Placed {
    int uploads = 0;
    bool was_there = false;
    bool kept = false;
  };

  const std::string folder_;
  ContentTypes types_;
  absl::Mutex mutex_;
  std::map<std::string, Placed> placed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace makegood::services
