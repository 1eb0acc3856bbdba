// What each field of a message must hold, checked against the options in field.proto (SYS-07).
#pragma once

#include <vector>

#include "common/base/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace makegood::rules {

// Whether the contract says that the field is REQUIRED: what that asks for stands in field.proto.
bool IsRequired(const google::protobuf::FieldDescriptor& field);

// Every field of `message`, and of the messages in it, that is not there though it is REQUIRED, or breaks its
// makegood.base.v1.field option or the general limits stated there, in the order of the contract; empty if
// all is well. At most 100.
//
// Problems name limits and numbers, never the content of a string: it may be someone's name (SYS-09).
// Pure and thread-safe. Costs one look at each field that is set, and almost nothing for the others.
std::vector<FieldViolation> CheckFields(const google::protobuf::Message& message);

}  // namespace makegood::rules
