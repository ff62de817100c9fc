// Keys without effect are refused.
#include "config_faults.h"

namespace heed {
namespace {

struct Effect {
  std::string setting;                 // whose effect it is
  std::vector<std::string> idle;       // beside which it has none
  std::vector<std::string> effective;  // and beside which it has
  std::string names;                   // what the message must name beside the key: what would read it
};

std::vector<Effect> effects() {
  const std::string kind = "model.attention.kind=";
  const std::string none = kind + "none";
  const std::string deep_encoder = "model.encoder.layers=2";
  const std::string deep_decoder = "model.decoder.layers=2";
  const std::string pieces = "data.source.tokenizer=sentencepiece";
  return {
      {"model.attention.normalizer=sparsemax", {none}, {}, "none"},
      {"model.attention.normalizer=sparsemax", {kind + "monotonic-soft"}, {}, "attention-options"},
      {"model.attention.temperature=2", {none}, {}, "none"},
      {"model.attention.temperature=2", {kind + "hard-exact-first-order"}, {kind + "hard-exact"}, "attention-options"},
      {"model.attention.scale=none", {kind + "bahdanau"}, {kind + "luong-local-p"}, "attention-options"},
      {"model.attention.scale=none",
       {kind + "multi-head"},
       {kind + "multi-head", "model.attention.score=luong-general"},
       "attention-options"},
      {"model.attention.hops=2", {none}, {}, "none"},
      {"model.attention.source=all", {none, deep_encoder}, {deep_encoder}, "none"},
      {"model.attention.source=all", {}, {deep_encoder}, "model.encoder.layers"},
      {"model.attention.layers=each", {none, deep_decoder}, {kind + "luong-general", deep_decoder}, "none"},
      {"model.attention.layers=each", {kind + "luong-general"}, {kind + "luong-dot", deep_decoder}, "decoder.layers"},
      {"model.attention.combine=gate", {}, {kind + "bahdanau+luong-dot"}, "join several"},
      {"model.attention.score=luong-dot", {}, {kind + "multi-head"}, "multi-head"},
      {"model.attention.heads=8", {}, {kind + "multi-head"}, "multi-head"},
      {"model.attention.window=3", {}, {kind + "luong-local-p"}, "luong-local-p"},
      {"model.attention.window=3",
       {kind + "multi-head"},
       {kind + "multi-head", "model.attention.score=luong-local-m"},
       "luong-local-m"},
      {"model.attention.chunk=3", {kind + "monotonic-soft"}, {kind + "monotonic-chunkwise"}, "monotonic-chunkwise"},
      {"model.attention.filters=3", {}, {kind + "bahdanau+coverage-neural"}, "coverage-neural"},
      {"model.attention.filter_width=3",
       {kind + "coverage-neural"},
       {kind + "location-sensitive"},
       "location-sensitive"},
      {"model.attention.noise=0", {}, {kind + "monotonic-soft"}, "monotonic-soft"},
      {"model.attention.positions=9", {}, {kind + "luong-location"}, "luong-location"},
      {"model.attention.hard=true", {}, {kind + "monotonic-chunkwise"}, "monotonic"},
      {"model.encoder.residual=true", {}, {deep_encoder}, "model.encoder.layers"},
      {"model.encoder.residual=true",
       {deep_encoder, "model.encoder.pyramid=1"},
       {"model.encoder.layers=3", "model.encoder.pyramid=1"},
       "model.encoder.pyramid"},
      {"model.decoder.residual=true", {}, {deep_decoder}, "model.decoder.layers"},
      {"model.dropout.memory=0.1", {kind + "none"}, {kind + "none", "model.decoder.bridge=mean-tanh"}, "none"},
      {"model.dropout.attention=0.1", {kind + "none"}, {kind + "monotonic-soft"}, "none"},
      {"model.dropout.attention=0.1",
       {kind + "hard-exact", "model.attention.entry=output-only"},
       {kind + "hard-exact", "model.attention.entry=input-feeding"},
       "sums over positions"},
      {"training.validation_sentences=9",
       {"training.metrics=perplexity", "training.best_by=perplexity"},
       {"training.metrics=perplexity", "training.best_by=chrf"},
       "training.metrics"},
      {"training.validation_beam=4",
       {"training.metrics=perplexity", "training.best_by=perplexity", "training.validation_samples=0"},
       {"training.metrics=perplexity", "training.best_by=perplexity"},
       "training.metrics"},
      {"training.validation_ensemble=[other]",
       {"training.metrics=perplexity", "training.best_by=perplexity"},
       {"training.metrics=perplexity", "training.best_by=chrf"},
       "training.metrics"},
      {"training.validation_tokenize=none",
       {"training.metrics=chrf", "training.best_by=chrf"},
       {"training.best_by=chrf"},
       "bleu"},
      {"training.schedule.patience=2", {"training.decay=1"}, {"training.decay=0.7"}, "training.schedule.decay"},
      {"training.schedule.minimum=0.1", {"training.decay=1"}, {"training.decay=0.7"}, "training.schedule.decay"},
      {"training.schedule.minimum=0.1", {"training.schedule=constant"}, {"training.schedule=cosine"}, "linear, cosine"},
      {"training.schedule.patience=2", {"training.schedule=linear"}, {}, "plateau"},
      {"training.schedule.threshold=0.1", {"training.schedule=halve"}, {}, "plateau"},
      {"training.schedule.metric=bleu", {"training.schedule=constant"}, {}, "plateau"},
      {"training.schedule.decay=0.7", {"training.schedule=linear"}, {"training.schedule=halve"}, "plateau, halve"},
      {"training.schedule.total_updates=9", {}, {"training.schedule=cosine"}, "linear, cosine"},
      {"training.schedule.total_updates=9",
       {"training.schedule=linear", "training.schedule.warmup_updates=9"},
       {"training.schedule=linear", "training.schedule.warmup_updates=8"},
       "training.schedule.warmup_updates (9)"},
      {"training.decay_after_minutes=2",
       {"training.schedule=linear", "training.max_minutes=3"},
       {"training.schedule=constant", "training.max_minutes=3"},
       "has no effect beside training.schedule.kind 'linear'"},
      {"training.schedule.start=1 epoch",
       {"training.schedule=plateau"},
       {"training.schedule=exponential"},
       "halve, exponential"},
      {"training.schedule.every=1 update", {"training.schedule=linear"}, {"training.schedule=halve"}, "halve"},
      {"training.decay_after_epochs=2",
       {"training.schedule=cosine"},
       {"training.schedule=constant"},
       "set one of them"},
      {"training.optimizer.momentum=0.5", {}, {"training.optimizer=nesterov"}, "momentum, nesterov"},
      {"training.optimizer.betas=[0.5, 0.9]", {"training.optimizer=sgd"}, {"training.optimizer=adamw"}, "adam, adamw"},
      {"training.optimizer.epsilon=0.1", {"training.optimizer=sgd"}, {"training.optimizer=adadelta"}, "adagrad"},
      {"training.optimizer.rho=0.5", {}, {"training.optimizer=rmsprop"}, "adadelta, rmsprop"},
      {"training.optimizer.initial_accumulator=0.5", {}, {"training.optimizer=adagrad"}, "adagrad reads it"},
      {"training.final_rate=0.1", {}, {"training.decay_after_epochs=2"}, "decay_after_epochs"},
      {"training.decay_after_epochs=5", {"training.epochs=5"}, {"training.epochs=6"}, "training.epochs"},
      {"training.decay_after_epochs=5", {"training.epochs=3"}, {}, "training.epochs"},
      {"training.decay_after_minutes=1",
       {"training.max_minutes=2", "training.decay_after_epochs=1"},
       {"training.max_minutes=2"},
       "set one of them"},
      {"data.train.columns=[1, 3]", {}, {"data.train.tsv=a.tsv"}, "data.train.tsv"},
      {"data.validation.columns=[1, 3]", {}, {"data.validation.tsv=a.tsv"}, "data.validation.tsv"},
      {"data.test.columns=[1, 3]", {}, {"data.test.tsv=a.tsv"}, "data.test.tsv"},
      {"data.held_out=0.1", {"data.validation.tsv=a.tsv"}, {}, "data.validation"},
      {"training.batch_sentences=32", {"training.batch_tokens=500"}, {}, "training.batch_tokens"},
      {"data.source.min_count=2", {pieces}, {}, "words, characters and spaces"},
      {"data.target.min_count=2", {"data.target.tokenizer=sentencepiece"}, {pieces}, "words, characters and spaces"},
      {"data.source.vocabulary=0", {pieces}, {}, "a size"},
      {"data.source.vocabulary=500", {"data.source.model=given"}, {}, "data.source.model, which is given"},
      {"data.source.min_count=2", {"data.source.model=given"}, {"data.target.model=given"}, "leave it out"},
      {"data.source.model=given",
       {"training.start_from=runs/general"},
       {"training.start_from=runs/general", "training.start_from.vocabulary=new"},
       "training.start_from.vocabulary: new"},
      {"training.start_from.vocabulary=new", {}, {"training.start_from=runs/general"}, "training.start_from.bundle"},
      {"training.start_from.optimizer=true", {}, {"training.start_from=runs/general"}, "training.start_from.bundle"},
      {"training.start_from.optimizer=true",
       {"training.start_from=runs/general", "training.optimizer=sgd"},
       {"training.start_from=runs/general"},
       "no moments"},
      {"data.source.sampling=0.1", {}, {pieces}, "sentencepiece"},
      {"data.source.algorithm=bpe", {}, {pieces}, "sentencepiece"},
      {"data.source.coverage=0.99", {}, {pieces}, "sentencepiece"},
      {"data.source.threads=2", {}, {pieces}, "sentencepiece"},
      {"data.source.sample=9", {}, {pieces}, "sentencepiece"},
  };
}

TEST(Config, SettingsWithoutEffectAreRefused) {
  const std::string none = "model.attention.kind=none";
  expect_parts(fault_of({none, "model.decoder.bridge=zero"}), {"bridge 'zero'", "nothing of the source"});
  expect_parts(fault_of({"training.tensorboard=yes"}), {"training.tensorboard", "'yes' is not right"});
  expect_parts(fault_of({none, "model.attention.normalizer=sparsemax"}), {"model.attention.normalizer", "none"});
  expect_parts(fault_of({none, "model.attention.temperature=2"}), {"model.attention.temperature", "none"});
  expect_parts(fault_of({none, "model.attention.hops=2"}), {"model.attention.hops", "none"});
  expect_parts(fault_of({"model.attention.combine=gate"}), {"model.attention.combine", "single"});
  expect_parts(fault_of({"model.attention.score=luong-dot"}), {"model.attention.score", "multi-head"});
  expect_parts(fault_of({"model.attention.hard=true"}), {"model.attention.hard", "monotonic"});
  expect_parts(fault_of({"model.attention.kind=multi-head", "model.attention.score=lunog-dot"}), {"luong-dot"});
  EXPECT_EQ(fault_of({"model.attention.kind=monotonic-soft", "model.attention.hard=true"}), "");
  EXPECT_EQ(fault_of({"model.attention.kind=luong-dot+bahdanau", "model.attention.combine=gate",
                      "model.encoder.hidden=512", "model.decoder.hidden=512"}),
            "");
}

TEST(Config, AKeyWithoutEffectIsRefusedAndNamesWhatReadsIt) {
  for (const Effect& effect : effects()) {
    const std::string key = effect.setting.substr(0, effect.setting.find('='));
    expect_parts(fault_of(with(effect.idle, effect.setting)), {key, effect.names});
    EXPECT_EQ(fault_of(with(effect.effective, effect.setting)), "") << effect.setting;
    EXPECT_EQ(fault_of(effect.idle), "") << effect.setting;
  }
}

}  // namespace
}  // namespace heed
