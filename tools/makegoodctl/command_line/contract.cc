#include "tools/makegoodctl/command_line/contract.h"

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/base/enum_word.h"
#include "google/protobuf/descriptor.pb.h"

// The descriptors of all contracts with their comments, linked in by protos/CMakeLists.txt.
extern "C" {
extern const char _binary_contracts_binpb_start[];  // NOLINT(bugprone-reserved-identifier): ld's name
extern const char _binary_contracts_binpb_end[];    // NOLINT(bugprone-reserved-identifier): ld's name
}

namespace makegood::ctl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

using google::protobuf::FileDescriptorSet;

FileDescriptorSet ReadContracts() {
  FileDescriptorSet files;
  const ptrdiff_t size = _binary_contracts_binpb_end - _binary_contracts_binpb_start;
  files.ParseFromArray(_binary_contracts_binpb_start, static_cast<int>(size));
  return files;
}

// The generated descriptors have no comments; these have.
const DescriptorPool& CommentedPool() {
  static const DescriptorPool* const commented = [] {
    auto* const pool = new DescriptorPool;
    const FileDescriptorSet files = ReadContracts();
    for (const google::protobuf::FileDescriptorProto& file : files.file()) pool->BuildFile(file);
    return pool;
  }();
  return *commented;
}

template <typename Described>
std::string Comment(const Described* commented) {
  google::protobuf::SourceLocation location;
  if (commented == nullptr || !commented->GetSourceLocation(&location)) return "";
  std::vector<absl::string_view> lines = absl::StrSplit(location.leading_comments, '\n');
  for (absl::string_view& line : lines) line = absl::StripAsciiWhitespace(line);
  return std::string(absl::StripAsciiWhitespace(absl::StrJoin(lines, " ")));
}

}  // namespace

std::string CommentOf(const FieldDescriptor& field) {
  return Comment(CommentedPool().FindFieldByName(field.full_name()));
}

std::string CommentOf(const MethodDescriptor& method) {
  return Comment(CommentedPool().FindMethodByName(method.full_name()));
}

std::vector<std::string> AllMethods() {
  std::vector<std::string> methods;
  const FileDescriptorSet files = ReadContracts();
  for (const google::protobuf::FileDescriptorProto& file : files.file()) {
    for (const auto& service : file.service()) {
      for (const auto& method : service.method()) {
        methods.push_back(absl::StrJoin({file.package(), service.name(), method.name()}, "."));
      }
    }
  }
  return methods;
}

const MethodDescriptor& MethodNamed(const std::string& service, const std::string& method) {
  const MethodDescriptor* const found =
      DescriptorPool::generated_pool()->FindMethodByName(service + "." + method);
  if (found == nullptr) {
    std::fprintf(stderr, "makegoodctl: no method %s of %s\n", method.c_str(), service.c_str());
    std::abort();
  }
  return *found;
}

std::string TypedWord(const EnumValueDescriptor& value) {
  return absl::AsciiStrToLower(makegood::EnumWord(value));
}

const EnumValueDescriptor* EnumValueNamed(const EnumDescriptor& type, absl::string_view text) {
  const std::string word = absl::StrReplaceAll(absl::AsciiStrToLower(text), {{"-", "_"}});
  const Descriptor* const message = type.containing_type();
  const std::string owner = message == nullptr ? "" : absl::AsciiStrToLower(message->name()) + "_";
  for (int i = 0; i < type.value_count(); ++i) {
    const EnumValueDescriptor& value = *type.value(i);
    const std::string name = absl::AsciiStrToLower(value.name());
    if (value.number() == 0) continue;
    if (word == TypedWord(value) || word == name || word == owner + name) return &value;
  }
  return nullptr;
}

std::vector<std::string> EnumWords(const EnumDescriptor& type) {
  std::vector<std::string> words;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() != 0) words.push_back(TypedWord(*type.value(i)));
  }
  return words;
}

}  // namespace makegood::ctl
