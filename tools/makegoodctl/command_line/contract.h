// What the contracts in protos/ say of themselves, so that help and contract never differ.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace makegood::ctl {

// The comment before a field or a method, its lines joined to one; empty where there is none.
std::string CommentOf(const google::protobuf::FieldDescriptor& field);
std::string CommentOf(const google::protobuf::MethodDescriptor& method);

// The full names of all methods of all contracts, e.g. "makegood.claims.v1.ClaimsService.ApproveClaim".
std::vector<std::string> AllMethods();

// The method of a service of ours, e.g. {"makegood.claims.v1.ClaimsService", "ApproveClaim"}. Ends the
// program where there is none: names of services and methods stand in our own tables only.
const google::protobuf::MethodDescriptor& MethodNamed(const std::string& service, const std::string& method);

// The words of an enum: its values without their prefix, in lower case ("awaiting_evidence"), the
// unspecified one left out.
std::string TypedWord(const google::protobuf::EnumValueDescriptor& value);
std::vector<std::string> EnumWords(const google::protobuf::EnumDescriptor& type);

// The value that `text` names in any case, with - or _: by its word, by its name in the contract (as JSON has
// it), or by that with its message before it: "verifying", "STATE_VERIFYING", "claim_state_verifying".
// nullptr where there is none; the unspecified one is none.
const google::protobuf::EnumValueDescriptor* EnumValueNamed(const google::protobuf::EnumDescriptor& type,
                                                            absl::string_view text);

}  // namespace makegood::ctl
