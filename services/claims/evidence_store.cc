#include "services/claims/evidence_store.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/base/status.h"

namespace makegood::services {
namespace {

constexpr size_t kIdDigits = 64;

// The disk does not do what it should. No paths: they mean nothing to a caller.
absl::Status DiskError(absl::string_view doing) {
  return absl::UnavailableError(
      absl::StrCat("evidence: ", doing, ": ", std::error_code(errno, std::generic_category()).message()));
}

absl::Status MakeFolder(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return absl::OkStatus();
  return DiskError("making a folder");
}

// Makes the names in a folder durable.
absl::Status SyncFolder(const std::string& path) {
  const OpenFile folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.fd() < 0 || fsync(folder.fd()) != 0) return DiskError("keeping a folder");
  return absl::OkStatus();
}

absl::Status WriteAll(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return DiskError("writing");
    bytes.remove_prefix(written);
  }
  return absl::OkStatus();
}

}  // namespace

OpenFile& OpenFile::operator=(OpenFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

OpenFile::~OpenFile() {
  if (fd_ >= 0) close(fd_);
}

// ---- An upload.

struct IncomingFile::Digest {
  Digest() : context(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context, EVP_sha256(), nullptr); }
  ~Digest() { EVP_MD_CTX_free(context); }
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  std::string Hex() {
    std::string raw(EVP_MD_size(EVP_sha256()), '\0');
    EVP_DigestFinal_ex(context, reinterpret_cast<unsigned char*>(raw.data()), nullptr);
    return absl::BytesToHexString(raw);
  }

  EVP_MD_CTX* context;
};

IncomingFile::IncomingFile(EvidenceStore& store, ExpectedFile expected, OpenFile file, std::string path)
    : store_(store),
      expected_(std::move(expected)),
      file_(std::move(file)),
      path_(std::move(path)),
      digest_(std::make_unique<Digest>()) {}

IncomingFile::~IncomingFile() {
  if (settled_) return;
  // The mark goes last: after a crash in between, the sweep still finds the file.
  if (!evidence_id_.empty()) store_.Release(evidence_id_, /*kept=*/false);
  unlink(path_.c_str());
}

absl::Status IncomingFile::Append(absl::string_view bytes) {
  if (size_ + static_cast<int64_t>(bytes.size()) > expected_.size_bytes) {
    return Refusal("CLM-02", absl::StrCat("more than the ", expected_.size_bytes, " bytes announced"));
  }
  RETURN_IF_ERROR(WriteAll(file_.fd(), bytes));
  EVP_DigestUpdate(digest_->context, bytes.data(), bytes.size());
  size_ += static_cast<int64_t>(bytes.size());
  if (head_.size() < ContentTypes::kHead) {
    head_.append(bytes.data(), std::min(bytes.size(), ContentTypes::kHead - head_.size()));
    if (head_.size() == ContentTypes::kHead) return CheckType();
  }
  return absl::OkStatus();
}

absl::Status IncomingFile::CheckType() {
  ASSIGN_OR_RETURN(content_type_, store_.types_.Of(head_));
  if (std::count(expected_.types.begin(), expected_.types.end(), content_type_) > 0) return absl::OkStatus();
  return Refusal("CLM-02", absl::StrCat("the content is ", content_type_, ", accepted are ",
                                        absl::StrJoin(expected_.types, ", ")));
}

absl::StatusOr<claims::v1::Evidence> IncomingFile::Finish() {
  if (size_ != expected_.size_bytes) {
    return Refusal("CLM-02", absl::StrCat("cut off: ", size_, " bytes of ", expected_.size_bytes, " came"));
  }
  if (content_type_.empty()) RETURN_IF_ERROR(CheckType());
  const std::string id = digest_->Hex();
  if (!expected_.sha256.empty() && !absl::EqualsIgnoreCase(expected_.sha256, id)) {
    return Refusal("CLM-02", "the content does not have the digest announced");
  }
  RETURN_IF_ERROR(CheckWhole(file_.fd(), size_, content_type_));
  if (fsync(file_.fd()) != 0) return DiskError("keeping a file");
  // From now on the incoming name tells the content.
  const std::string marked =
      absl::StrCat(store_.IncomingFolder(), "/", id, ".", std::filesystem::path(path_).filename().string());
  if (rename(path_.c_str(), marked.c_str()) != 0) return DiskError("naming a file");
  path_ = marked;
  RETURN_IF_ERROR(SyncFolder(store_.IncomingFolder()));
  RETURN_IF_ERROR(store_.Place(path_, id));
  evidence_id_ = id;
  RETURN_IF_ERROR(SyncFolder(store_.FolderOf(id)));
  RETURN_IF_ERROR(SyncFolder(store_.folder_));
  claims::v1::Evidence evidence;
  evidence.set_evidence_id(id);
  evidence.set_content_type(content_type_);
  evidence.set_size_bytes(size_);
  return evidence;
}

void IncomingFile::Keep() {
  if (!evidence_id_.empty()) store_.Release(evidence_id_, /*kept=*/true);
  unlink(path_.c_str());
  settled_ = true;
}

void IncomingFile::Leave() {
  if (!evidence_id_.empty()) store_.Release(evidence_id_, /*kept=*/true);
  settled_ = true;
}

// ---- Reading back.

absl::StatusOr<std::string> OutgoingFile::Read(size_t most) {
  std::string bytes(most, '\0');
  ssize_t got = 0;
  do {
    got = read(file_.fd(), bytes.data(), bytes.size());
  } while (got < 0 && errno == EINTR);
  if (got < 0) return DiskError("reading");
  bytes.resize(got);
  return bytes;
}

// ---- The folder.

std::string EvidenceStore::IncomingFolder() const { return absl::StrCat(folder_, "/incoming"); }

std::string EvidenceStore::FolderOf(absl::string_view evidence_id) const {
  return absl::StrCat(folder_, "/", evidence_id.substr(0, 2));
}

std::string EvidenceStore::PathOf(absl::string_view evidence_id) const {
  return absl::StrCat(FolderOf(evidence_id), "/", evidence_id);
}

absl::StatusOr<std::unique_ptr<IncomingFile>> EvidenceStore::Begin(ExpectedFile expected) {
  if (expected.size_bytes > expected.max_file_bytes) {
    return Refusal("CLM-02", absl::StrCat("a file of ", expected.size_bytes, " bytes, the most is ",
                                          expected.max_file_bytes));
  }
  RETURN_IF_ERROR(MakeFolder(folder_));
  RETURN_IF_ERROR(MakeFolder(IncomingFolder()));
  std::string path = absl::StrCat(IncomingFolder(), "/XXXXXX");
  OpenFile file(mkostemp(path.data(), O_CLOEXEC));  // readable by the owner only
  if (file.fd() < 0) return DiskError("making a file");
  return std::unique_ptr<IncomingFile>(
      new IncomingFile(*this, std::move(expected), std::move(file), std::move(path)));
}

absl::StatusOr<OutgoingFile> EvidenceStore::Read(absl::string_view evidence_id) const {
  OpenFile file(open(PathOf(evidence_id).c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd() < 0) {
    return absl::DataLossError(absl::StrCat("evidence ", evidence_id, " is not on this disk"));
  }
  return OutgoingFile(std::move(file));
}

absl::Status EvidenceStore::Place(const std::string& incoming, const std::string& evidence_id) {
  // Under the lock, so that no other upload of the same content removes the file meanwhile.
  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(MakeFolder(FolderOf(evidence_id)));
  const bool linked = link(incoming.c_str(), PathOf(evidence_id).c_str()) == 0;
  if (!linked && errno != EEXIST) return DiskError("placing a file");
  Placed& placed = placed_[evidence_id];
  if (placed.uploads == 0) placed.was_there = !linked;
  ++placed.uploads;
  return absl::OkStatus();
}

void EvidenceStore::Release(const std::string& evidence_id, bool kept) {
  absl::MutexLock lock(&mutex_);
  const auto found = placed_.find(evidence_id);
  if (found == placed_.end()) return;
  Placed& placed = found->second;
  placed.kept |= kept;
  if (--placed.uploads > 0) return;
  if (!placed.kept && !placed.was_there) unlink(PathOf(evidence_id).c_str());
  placed_.erase(found);
}

absl::Status EvidenceStore::Remove(const std::string& evidence_id,
                                   absl::FunctionRef<absl::StatusOr<bool>()> is_needed) {
  // Asked under the lock: what is not among the placed ones has been committed, or is not placed before it is
  // over.
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const bool needed, is_needed());
  if (needed) return absl::OkStatus();
  const auto uploaded = placed_.find(evidence_id);
  if (uploaded != placed_.end()) {
    uploaded->second.was_there = false;
    return absl::OkStatus();
  }
  // Marks of uploads that never ended are the same file.
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(IncomingFolder(), error)) {
    if (absl::StartsWith(entry.path().filename().string(), evidence_id)) unlink(entry.path().c_str());
  }
  if (unlink(PathOf(evidence_id).c_str()) == 0) return SyncFolder(FolderOf(evidence_id));
  return errno == ENOENT ? absl::OkStatus() : DiskError("removing a file");
}

absl::StatusOr<int> EvidenceStore::Sweep(
    absl::Duration age, const std::function<absl::StatusOr<bool>(const std::string&)>& is_needed) {
  std::vector<std::string> aged;
  std::error_code error;
  if (!std::filesystem::exists(IncomingFolder(), error)) return 0;
  for (const auto& entry : std::filesystem::directory_iterator(IncomingFolder(), error)) {
    struct stat about;
    if (lstat(entry.path().c_str(), &about) != 0) continue;
    if (absl::Now() - absl::TimeFromTimespec(about.st_mtim) >= age) aged.push_back(entry.path().string());
  }
  if (error) return absl::UnavailableError(absl::StrCat("evidence: listing: ", error.message()));
  int removed = 0;
  for (const std::string& path : aged) {
    const std::string name = std::filesystem::path(path).filename().string();
    if (name.size() > kIdDigits && name[kIdDigits] == '.') {
      const std::string id = name.substr(0, kIdDigits);
      ASSIGN_OR_RETURN(const bool needed, is_needed(id));
      if (!needed && unlink(PathOf(id).c_str()) == 0) ++removed;
    }
    if (unlink(path.c_str()) == 0) ++removed;
  }
  return removed;
}

}  // namespace makegood::services
