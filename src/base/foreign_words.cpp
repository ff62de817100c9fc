#include "foreign_words.h"

#include <algorithm>
#include <cctype>
#include <sstream>

namespace heed {
namespace {

struct Row {
  std::vector<std::string> means;
  const char* words;
};

// OpenNMT, Marian, fairseq, Joey NMT, Sockeye, Nematus, Keras; a word may stand in several rows.
const std::vector<Row>& rows() {
  static const std::vector<Row> all = {
      {{"learning_rate"}, "lr alpha learn_rate"},
      {{"hidden"}, "rnn_size hidden_size hidden_dim hidden_units dim_rnn num_units units state_size lstm_size rnn_dim"},
      {{"encoder.hidden"}, "enc_rnn_size enc_hid_size encoder_hidden_size"},
      {{"decoder.hidden"}, "dec_rnn_size dec_hid_size decoder_hidden_size"},
      {{"encoder.layers", "decoder.layers"}, "layers num_layers n_layers rnn_layers depth"},
      {{"encoder.layers"}, "enc_layers encoder_layers num_encoder_layers enc_depth"},
      {{"decoder.layers"}, "dec_layers decoder_layers num_decoder_layers dec_depth"},
      {{"batch_sentences", "batch"}, "batch_size mini_batch minibatch bsz max_sentences batch"},
      {{"batch_tokens"}, "max_tokens mini_batch_words"},
      {{"accumulate"}, "accum_count update_freq optimizer_delay batch_multiplier grad_accum"},
      {{"epochs"}, "max_epochs max_epoch num_epochs n_epochs after_epochs train_epochs"},
      {{"max_minutes"}, "max_time"},
      {{"optimizer"}, "optim optimiser"},
      {{"clip_norm"}, "max_grad_norm clip clip_grad_norm clip_gradient clip_gradients grad_clip gradient_clipping"},
      {{"decay"}, "lr_decay learning_rate_decay decay_rate decay_factor decrease_factor"},
      {{"early_stop", "schedule.patience"}, "patience"},
      {{"early_stop"}, "early_stopping"},
      {{"schedule.kind"}, "lr_scheduler scheduler lr_schedule decay_method"},
      {{"schedule.warmup_updates"}, "warmup warmup_steps lr_warmup"},
      {{"keep_last"}, "keep_checkpoints keep_last_ckpts keep_checkpoint save_total_limit"},
      {{"keep_best"}, "keep_best_ckpts keep_best_checkpoints"},
      {{"validate_every"}, "valid_freq valid_steps validation_freq eval_steps valid_every"},
      {{"checkpoint_every"}, "save_freq save_checkpoint_steps save_every checkpoint_frequency"},
      {{"average_decay"}, "ema exponential_smoothing moving_average_decay"},
      {{"optimizer.weight_decay"}, "l2 decay_c"},
      {{"optimizer.betas"}, "adam_betas beta1 beta2 adam_beta1 adam_beta2"},
      {{"optimizer.initial_accumulator"}, "adagrad_accumulator_init initial_accumulator_value"},
      {{"clip_value"}, "clip_grad_val clip_grad_value"},
      {{"best_by"}, "early_stopping_metric best_metric"},
      {{"label_smoothing"}, "label_smooth smoothing"},
      {{"seed"}, "random_seed rng_seed"},
      {{"threads"}, "num_workers cpu_threads num_threads nthreads workers cores"},
      {{"tensorboard"}, "tensorboard_dir tensorboard_logdir log_dir logdir"},
      {{"precision"}, "dtype mixed_precision amp"},
      {{"bfloat16"}, "bf16 fp16 half float16"},
      {{"float32"}, "fp32 float"},
      {{"resume"}, "train_from restore load_checkpoint continue"},
      {{"replace"}, "overwrite restart force"},
      {{"output"}, "save_data save_model model_dir out_dir output_dir save_dir checkpoint_dir out"},
      {{"dropout"}, "dropout_rate dropout_prob keep_prob"},
      {{"embedding"}, "emb_dim embedding_dim embedding_size emb_size embed_dim word_vec_size dim_emb d_model"},
      {{"cell", "kind"}, "type"},
      {{"cell"}, "rnn_type cell_type rnn"},
      {{"bidirectional"}, "brnn birnn bidir"},
      {{"input_feeding"}, "input_feed"},
      {{"attention.kind"}, "global_attention attention_type attn_type attn"},
      {{"luong-general"}, "general luong bilinear"},
      {{"luong-dot"}, "dot"},
      {{"luong-concat"}, "concat"},
      {{"bahdanau"}, "mlp additive"},
      {{"scaled-dot"}, "dot_product"},
      {{"location-sensitive"}, "location chorowski"},
      {{"multi-head"}, "multihead mha"},
      {{"source", "input"}, "src"},
      {{"target"}, "tgt trg"},
      {{"validation"}, "valid dev val valid_set dev_set"},
      {{"vocabulary"}, "vocab vocab_size vocabulary_size src_vocab_size tgt_vocab_size voc_limit max_vocab dim_vocabs"},
      {{"min_count"}, "min_freq min_frequency words_min_frequency voc_min_freq"},
      {{"max_length"}, "max_len maxlen max_seq_len max_sent_length src_seq_length tgt_seq_length"},
      {{"lowercase"}, "lower lc uncased"},
      {{"joint_vocabulary"}, "share_vocab shared_vocab joined_dictionary joint_vocab shared_vocabulary"},
      {{"normalization"}, "normalization_rule_name nmt_nfkc unicode_normalization"},
      {{"coverage"}, "character_coverage"},
      {{"symbols"}, "user_defined_symbols special_tokens tags"},
      {{"sample"}, "input_sentence_size"},
      {{"sampling"}, "bpe_dropout sentencepiece_alphas subword_alpha src_subword_alpha tgt_subword_alpha"},
      {{"tokenizer"}, "tok tokenization level"},
      {{"sentencepiece"}, "bpe spm sp subword subwords unigram"},
      {{"words"}, "word"},
      {{"characters"}, "char chars"},
      {{"spaces"}, "whitespace space"},
      {{"beam"}, "beam_size beam_width"},
      {{"nbest"}, "n_best num_hypotheses"},
      {{"length_penalty"}, "lenpen alpha"},
      {{"replace_unknown"}, "replace_unk"},
      {{"references"}, "ref refs reference"},
      {{"hypotheses"}, "hyp hyps hypothesis"},
  };
  return all;
}

constexpr const char* kGraphics = "gpu gpus gpuid gpu_ranks num_gpus device devices cuda use_gpu use_cuda";

bool has_word(const char* words, const std::string& word) {
  std::istringstream in(words);
  for (std::string one; in >> one;) {
    if (one == word) return true;
  }
  return false;
}

}  // namespace

std::string plain_word(std::string_view word) {
  word.remove_prefix(std::min(word.find_first_not_of('-'), word.size()));
  std::string out(word);
  for (char& c : out) c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

ForeignWord foreign_word(std::string_view word) {
  const std::string plain = plain_word(word);
  ForeignWord out;
  for (const Row& row : rows()) {
    if (has_word(row.words, plain)) out.means.insert(out.means.end(), row.means.begin(), row.means.end());
  }
  if (has_word(kGraphics, plain)) {
    out.note = "Heed computes on processors, not on a GPU";
    out.means.emplace_back("threads");
  }
  return out;
}

}  // namespace heed
