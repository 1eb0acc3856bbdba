// One event for each row of the notice table, filled in every field.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/rules/notices/notice_table.h"
#include "common/rules/times.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "makegood/events/v1/events.pb.h"

namespace makegood::testing {

// Fills every field of `payload`: amounts, moments, words and counts; enums with their last value.
inline void FillAll(google::protobuf::Message& payload) {
  using Field = google::protobuf::FieldDescriptor;
  const google::protobuf::Reflection& reflection = *payload.GetReflection();
  for (int i = 0; i < payload.GetDescriptor()->field_count(); ++i) {
    const Field& field = *payload.GetDescriptor()->field(i);
    if (field.is_repeated() && field.cpp_type() == Field::CPPTYPE_ENUM) {
      reflection.AddEnumValue(&payload, &field, field.enum_type()->value_count() - 1);
      continue;
    }
    if (field.is_repeated()) {
      FillAll(*reflection.AddMessage(&payload, &field));
      continue;
    }
    switch (field.cpp_type()) {
      case Field::CPPTYPE_STRING:
        reflection.SetString(&payload, &field, field.name() + "-1");
        break;
      case Field::CPPTYPE_ENUM:
        reflection.SetEnumValue(&payload, &field, field.enum_type()->value_count() - 1);
        break;
      case Field::CPPTYPE_BOOL:
        reflection.SetBool(&payload, &field, true);
        break;
      case Field::CPPTYPE_INT32:
        reflection.SetInt32(&payload, &field, 2);
        break;
      case Field::CPPTYPE_INT64:
        reflection.SetInt64(&payload, &field, 2);
        break;
      case Field::CPPTYPE_MESSAGE: {
        google::protobuf::Message& inner = *reflection.MutableMessage(&payload, &field);
        if (auto* const money = dynamic_cast<base::v1::Money*>(&inner)) {
          money->set_amount_minor(2700);
          money->set_currency("EUR");
        } else if (auto* const time = dynamic_cast<google::protobuf::Timestamp*>(&inner)) {
          *time = rules::ToTimestamp(absl::FromUnixSeconds(1'790'000'000));
        }
        break;
      }
      default:
        ADD_FAILURE() << "no sample for " << field.full_name();
    }
  }
}

// Every event the table tells apart: each payload full, and with each enum value and flag in turn.
inline std::vector<events::v1::Event> SampleEvents() {
  using Field = google::protobuf::FieldDescriptor;
  std::vector<events::v1::Event> samples;
  const auto* const oneof = events::v1::Event::descriptor()->FindOneofByName("payload");
  for (int i = 0; i < oneof->field_count(); ++i) {
    events::v1::Event full;
    google::protobuf::Message& payload = *full.GetReflection()->MutableMessage(&full, oneof->field(i));
    FillAll(payload);
    samples.push_back(full);
    for (int j = 0; j < payload.GetDescriptor()->field_count(); ++j) {
      const Field& field = *payload.GetDescriptor()->field(j);
      const int variants = field.is_repeated()                       ? 0
                           : field.cpp_type() == Field::CPPTYPE_ENUM ? field.enum_type()->value_count()
                           : field.cpp_type() == Field::CPPTYPE_BOOL ? 2
                                                                     : 0;
      for (int value = 0; value < variants; ++value) {
        events::v1::Event variant = full;
        google::protobuf::Message& changed =
            *variant.GetReflection()->MutableMessage(&variant, oneof->field(i));
        if (field.cpp_type() == Field::CPPTYPE_ENUM) {
          changed.GetReflection()->SetEnumValue(&changed, &field, field.enum_type()->value(value)->number());
        } else {
          changed.GetReflection()->SetBool(&changed, &field, value == 1);
        }
        samples.push_back(variant);
      }
    }
  }
  // A refund of a cancelled order that waits for nothing.
  events::v1::Event refund;
  FillAll(*refund.mutable_refund_granted());
  refund.mutable_refund_granted()->set_awaits_goods(false);
  refund.mutable_refund_granted()->set_reason(base::v1::REFUND_REASON_CANCELLATION);
  samples.push_back(refund);
  // Incidents of each kind that somebody has to see to, and such as a pick put right.
  for (int kind = 0; kind < base::v1::IncidentKind_ARRAYSIZE; ++kind) {
    events::v1::Event opened;
    FillAll(*opened.mutable_incident_opened());
    opened.mutable_incident_opened()->set_kind(static_cast<base::v1::IncidentKind>(kind));
    opened.mutable_incident_opened()->set_decided(false);
    samples.push_back(opened);
    opened.mutable_incident_opened()->set_source(base::v1::INCIDENT_SOURCE_REPORT);
    opened.mutable_incident_opened()->clear_choice_due_time();
    samples.push_back(opened);
    events::v1::Event rectified;
    rectified.mutable_incident_closed()->set_kind(static_cast<base::v1::IncidentKind>(kind));
    rectified.mutable_incident_closed()->set_outcome(base::v1::INCIDENT_OUTCOME_RECTIFIED);
    samples.push_back(rectified);
  }
  // An order that asks for more than is in stock.
  events::v1::Event shortage;
  shortage.mutable_hold_placed()->set_hold(base::v1::HOLD_NAME_STOCK_SHORTAGE);
  shortage.mutable_hold_placed()->set_reference_id("stock-1");
  samples.push_back(shortage);
  // Surcharges that rest in each state.
  for (int state = 0; state < base::v1::SurchargeState_ARRAYSIZE; ++state) {
    events::v1::Event surcharge;
    FillAll(*surcharge.mutable_surcharge_moved());
    surcharge.mutable_surcharge_moved()->set_state(static_cast<base::v1::SurchargeState>(state));
    surcharge.mutable_surcharge_moved()->set_passing(false);
    samples.push_back(surcharge);
  }
  return samples;
}

// An event that calls for `rule`.
inline events::v1::Event SampleFor(const rules::NoticeRule& rule) {
  for (const events::v1::Event& event : SampleEvents()) {
    if (rule.when(event)) return event;
  }
  ADD_FAILURE() << "no event calls for " << rule.template_name;
  return {};
}

}  // namespace makegood::testing
